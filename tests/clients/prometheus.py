"""Reads what stands on standard input with Prometheus' own parser, and prints its samples as JSON."""
import json
import sys

try:
    from prometheus_client.parser import text_string_to_metric_families
except ImportError:
    sys.exit(77)  # the parser is not installed: Debian's python3-prometheus-client

families = list(text_string_to_metric_families(sys.stdin.read()))
json.dump(
    [{"family": family.name, "type": family.type, "name": sample.name, "labels": sample.labels, "value": sample.value}
     for family in families for sample in family.samples],
    sys.stdout)
