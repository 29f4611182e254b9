// Reads what stands on standard input as Prometheus would, and prints the families of metrics as JSON.
import parse from "parse-prometheus-text-format";

let text = "";
for await (const part of process.stdin) {
  text += part;
}
console.log(JSON.stringify(parse(text)));
