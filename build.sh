#!/usr/bin/env bash
# Builds, tests and measures GgufConcepts on Linux and macOS. build.ps1 is the same for Windows.
set -euo pipefail

usage() {
    cat <<'USAGE'
usage: ./build.sh [VERB] [--gpu none|vulkan|cuda|cuda12] [--rid LIST] [--to FOLDER] [--quiet] [-- ARGUMENTS]

  build   fetch the prebuilt llama.cpp and compile everything (the default)
  cli     only what ./ggufconcepts runs; ./ggufconcepts does this on first use
  aot     artifacts/aot/ggufconcepts: one native executable that needs no .NET and starts fastest, for processors with
          the features of this one's; needs clang or gcc, and minutes
  pack    artifacts/packages: the NuGet packages: GgufConcepts, .Hosting, .LLamaSharp, .Nats, .Runtime.<platform> and .Tool
  publish artifacts/publish: an archive for people without .NET, a native executable with llama.cpp and the models that
          travel along; on x64 for processors with AVX2, FMA and BMI (x86-64-v3); needs what aot needs
  test    build, then run every test; the last line counts them
  bench   build, then run the benchmarks
  fuzz    build the fuzzer, then give each target, or those named after --, a million inputs; findings are kept in
          artifacts/fuzz
  clean   delete what was built and fetched
  help    this text

  --gpu   add a GPU module: vulkan (any driver), cuda (CUDA 13) or cuda12 (CUDA 12); a later build keeps it until
          --gpu none takes it away. On a Mac with Apple silicon, Metal is always in.
  --rid   pack for other platforms as well: all, or a list of linux-x64, linux-arm64, osx-x64, osx-arm64, win-x64, win-arm64
  --to    the folder that pack and publish write to. Neither holds a GPU module
  --quiet print errors only
  --      ARGUMENTS go to the test runner (-class NAME, -trait Suite=Vector), to BenchmarkDotNet (--filter '*Mix*') or to
          the fuzzer (gguf trace --runs 100000)

Set GGUFCONCEPTS_LLAMA_DIR to a folder with libllama of a supported llama.cpp to build and run without npm.
USAGE
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
artifacts=$root/artifacts
runtime=$root/native/runtime

say() { [ -n "$quiet" ] || printf '%s\n' "$*"; }
complain() { printf 'build.sh: %s\n' "$*" >&2; }
fail() { complain "$*"; exit 1; }
misuse() { complain "$*; ./build.sh help lists what there is"; exit 2; }

# Runs a command; its output is shown only when it fails.
hushed() {
    local log status=0
    log=$(mktemp)
    "$@" > "$log" 2>&1 || status=$?
    [ "$status" -eq 0 ] || cat "$log" >&2
    rm -f "$log"
    return "$status"
}

check_dotnet() {
    local wanted
    wanted=$(sed -n 's/.*"version": *"\([0-9.]*\)".*/\1/p' "$root/global.json")
    local where="get the .NET ${wanted%%.*} SDK, $wanted or newer, from https://dot.net"
    command -v dotnet > /dev/null || fail "dotnet is not on the PATH; $where"
    (cd "$root" && dotnet --version > /dev/null 2>&1) ||
        fail "no .NET SDK that fits is here ($(dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ' -)); $where"
}

# npm_install FOLDER PATTERN [OPTIONS]: runs npm ci where it has not run since the lock changed, then looks for a file.
npm_install() {
    local folder=$1 pattern=$2 done=$1/node_modules/.package-lock.json
    shift 2
    if [ ! -e "$done" ] || [ "$folder/package-lock.json" -nt "$done" ]; then
        command -v npm > /dev/null || fail "npm is not on the PATH, and it fetches llama.cpp; install Node.js 20 or newer" \
            "from https://nodejs.org, or set GGUFCONCEPTS_LLAMA_DIR to a folder with libllama of a supported version"
        say "Fetching $(sed -n 's/.*"name": *"ggufconcepts-llama-\(.*\)",/\1/p' "$folder/package.json") of llama.cpp"
        (cd "$folder" && hushed npm ci --ignore-scripts --no-audit --no-fund --loglevel=error "$@") ||
            fail "npm ci failed in ${folder#"$root"/}"
    fi

    # npm passes over an optional package that it cannot fetch, or that is not for this machine, without a word
    if ! compgen -G "$folder/node_modules/@node-llama-cpp/$pattern" > /dev/null; then
        rm -rf "$folder/node_modules"
        fail "npm brought no $(basename "$pattern") for ${*:-$(uname -sm)}: there is no package for it, or npm cannot reach the" \
            "registry. GGUFCONCEPTS_LLAMA_DIR can name a folder with libllama of a supported version instead"
    fi
}

fetch_llama() {
    if [ -n "${GGUFCONCEPTS_LLAMA_DIR:-}" ]; then
        compgen -G "$GGUFCONCEPTS_LLAMA_DIR/*llama.*" > /dev/null ||
            fail "GGUFCONCEPTS_LLAMA_DIR is $GGUFCONCEPTS_LLAMA_DIR, which holds no libllama"
    else
        npm_install "$runtime" '*/bins/*/libllama.*'
    fi

    case $gpu in
        vulkan) npm_install "$runtime/vulkan" '*/bins/*/libggml-vulkan.*' ;;
        cuda) npm_install "$runtime/cuda" '*/bins/*/libggml-cuda.*' ;;
        cuda12) npm_install "$runtime/cuda12" '*/bins/*/fallback/libggml-cuda.*' ;;
    esac
}

# Asks once whether the package feed has LLamaSharp, by a restore of the one project that needs it, and keeps the answer.
# Elsewhere than on x64 its packages put their libraries into the very folder of ours.
probe_llamasharp() {
    local answer=$artifacts/llamasharp probe=$artifacts/llamasharp-probe
    if [ ! -f "$answer" ]; then
        if [ "$(uname -m)" = x86_64 ] && [ "$(uname -s)" = Linux ] &&
            dotnet restore "$root/src/GgufConcepts.LLamaSharp" -p:WithLLamaSharp=true -p:ArtifactsPath="$probe" \
                -v quiet > "$artifacts/llamasharp.log" 2>&1; then
            echo true > "$answer"
        else
            echo false > "$answer"
            say "Without --backend llamasharp: no LLamaSharp for this machine (artifacts/llamasharp.log, if the feed was asked);" \
                "rm artifacts/llamasharp to ask again"
        fi
        rm -rf "$probe"
    fi
    llamasharp=$(cat "$answer")
}

# The command line alone, compiled ahead of time so that it starts faster, moved into place when it is whole.
# Its own folder of intermediate files keeps it and the solution from undoing each other's restore.
build_cli() {
    local made=$artifacts/ready-to-run/ggufconcepts log=$artifacts/ready-to-run.log
    mkdir -p "$artifacts"
    rm -rf "$made"
    if dotnet publish "$root/src/GgufConcepts.Cli" -c Release --use-current-runtime --self-contained false -o "$made" \
        -p:PublishReadyToRun=true -p:ArtifactsPath="$artifacts/ready-to-run" -p:GgufConceptsGpu="$gpu" \
        -p:WithLLamaSharp="$llamasharp" \
        -p:RunAnalyzers=false -p:GenerateDocumentationFile=false -p:CreateHardLinksForAdditionalFilesIfPossible=true \
        -p:CreateHardLinksForPublishFilesIfPossible=true --nologo -v quiet -clp:NoSummary > "$log" 2>&1; then
        rm -rf "$artifacts/ggufconcepts" "$log"
        mv "$made" "$artifacts/ggufconcepts"
        return
    fi

    rm -rf "$artifacts/ggufconcepts"
    hushed dotnet build "$root/src/GgufConcepts.Cli" -c Release -p:GgufConceptsGpu="$gpu" -p:WithLLamaSharp="$llamasharp" \
        --nologo -v quiet -clp:NoSummary ||
        fail "the command line does not compile"
    complain "the ahead-of-time compiler could not be had (artifacts/ready-to-run.log says why); starts will be slower"
}

# compile_native FOLDER PROPERTIES: the command line as a native executable, moved into place when it is whole.
compile_native() {
    local place=$1 work=$artifacts/native-aot log=$artifacts/native-aot.log
    shift
    command -v clang > /dev/null || command -v gcc > /dev/null || fail "clang or gcc is needed to link a native executable"
    say "Compiling the command line to a native executable"
    rm -rf "$work/made"
    dotnet publish "$root/src/GgufConcepts.Cli" -c Release --use-current-runtime -o "$work/made" -p:PublishAot=true \
        -p:ArtifactsPath="$work" -p:RunAnalyzers=false -p:GenerateDocumentationFile=false -p:DebugType=none \
        -p:CppCompilerAndLinker="$(command -v clang > /dev/null && echo clang || echo gcc)" "$@" \
        -p:CreateHardLinksForAdditionalFilesIfPossible=true --nologo -v quiet -clp:NoSummary > "$log" 2>&1 ||
        fail "it does not compile or link; artifacts/native-aot.log says why"
    mv "$work/made/GgufConcepts.Cli" "$work/made/ggufconcepts"
    rm -rf "$place" "$log"
    mv "$work/made" "$place"
}

# What NuGet and node-llama-cpp call this machine.
own_rid() {
    printf '%s-%s' "$([ "$(uname -s)" = Darwin ] && echo osx || echo linux)" \
        "$(case $(uname -m) in arm64 | aarch64) echo arm64 ;; *) echo x64 ;; esac)"
}

# fetch_for RID: llama.cpp for another machine, out of the same lock, where Runtime.targets looks for it.
fetch_for() {
    local folder=$artifacts/llama/$1 system=${1%-*}
    case $system in osx) system=darwin ;; win) system=win32 ;; esac
    mkdir -p "$folder"
    cp -p "$runtime/package.json" "$runtime/package-lock.json" "$folder"
    npm_install "$folder" '*/bins/*/*llama.*' --os="$system" --cpu="${1#*-}" --libc=glibc
}

# The packages of every project that is one, then llama.cpp for the other platforms. The intermediate files have a
# folder of their own, as those of build_cli.
pack_all() {
    local own rid others='' feed=${to:-$artifacts/packages}
    own=$(own_rid)
    for rid in ${rids//,/ }; do
        [ "$rid" = "$own" ] || others="$others $rid"
    done
    for rid in $others; do fetch_for "$rid"; done

    say "Packing for $own$others"
    set -- -c Release -o "$feed" -p:ArtifactsPath="$artifacts/packing" -p:ContinuousIntegrationBuild=true -p:RunAnalyzers=false --nologo -v quiet -clp:NoSummary
    hushed dotnet pack "$root/GgufConcepts.sln" "$@" -p:PackRids="$own${others// /%3B}" || fail "the packages cannot be made"
    [ "$llamasharp" = true ] || say "Without GgufConcepts.LLamaSharp, for there is no LLamaSharp here"
    [ "$llamasharp" = false ] || # not in the tool, which it would double
        hushed dotnet pack "$root/src/GgufConcepts.LLamaSharp" "$@" -p:WithLLamaSharp=true || fail "GgufConcepts.LLamaSharp cannot be packed"
    for rid in $others; do
        hushed dotnet pack "$root/native/GgufConcepts.Runtime" "$@" -p:LlamaRid="$rid" || fail "there is no package for $rid"
    done
}

# The archive, written under another name and moved into place when it is whole; its files in the order of their names.
publish_archive() {
    local name version place=${to:-$artifacts/publish} owner=(--uid 0 --gid 0)
    version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")
    name=ggufconcepts-$version-$(own_rid)
    mkdir -p "$artifacts/publishing" "$place"
    compile_native "$artifacts/publishing/$name" -p:PortableNative=true -p:TravellingModels=true
    [[ $(tar --version) != *GNU* ]] || owner=(--owner=0 --group=0 --numeric-owner)
    (cd "$artifacts/publishing" && find "$name" ! -type d | LC_ALL=C sort | tar "${owner[@]}" -cf - -T - | gzip -9n) \
        > "$place/$name.tmp" || fail "$place/$name.tar.gz cannot be written"
    mv "$place/$name.tmp" "$place/$name.tar.gz"
    rm -rf "$artifacts/publishing"
    say "$place/$name.tar.gz"
}

build_all() {
    say "Building GgufConcepts${gpu:+ (GPU module: $gpu)}"
    hushed dotnet build "$root/GgufConcepts.sln" -c Release -p:GgufConceptsGpu="$gpu" -p:WithLLamaSharp="$llamasharp" \
        --nologo -v quiet -clp:NoSummary \
        ${gpu:+-p:CreateHardLinksForAdditionalFilesIfPossible=true} || # a CUDA module has 150 to 370 MB
        fail "the solution does not compile"
    build_cli
}

passed=0 failed=0 skipped=0 matched=0
noise='^  (Discovering|Discovered|Starting|Finished): |^=== TEST| \[(STARTING|FINISHED|NOT RUN)\]'
noise=$noise'|^ +at (Xunit|System\.(Reflection|Runtime|Threading))\.'

# run_tests NAME LABEL ARGUMENTS...: one test program; adds to the counts, shows failures in full.
run_tests() {
    local name=$1 label=$2 log status=0 summary total bad left unfinished
    shift 2
    log=$(mktemp)
    "$artifacts/bin/$name/release/$name" -noLogo -noColor -reporter verbose "$@" > "$log" 2>&1 || status=$?

    # Total: 14, Errors: 0, Failed: 2, Skipped: 0, Not Run: 0, Time: 0.271s; or Total: 0
    summary=$(grep -E '^ +[^ ]+ +Total: [0-9]+' "$log" | tail -n 1 || true)
    count() { local number=${summary##*"$1: "}; [ "$number" != "$summary" ] || number=0; printf '%s' "${number%%[!0-9]*}"; }
    total=$(count Total) bad=$(($(count Failed) + $(count Errors))) left=$(count Skipped)
    matched=$((total + $(count Errors) - $(count 'Not Run'))) # an error, in cleaning up, is counted like a test
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then # it died: no summary, or one that does not say so
        bad=1 total=$((total + 1)) matched=$((matched + 1))
        unfinished=$(awk '/ \[STARTING\]$/ { open[$1]++ } / \[FINISHED\] / { open[$1]-- }
            END { for (test in open) if (open[test] > 0) printf ", in %s", test }' "$log")
        printf 'It ended with exit code %s%s.\n' "$status" "$unfinished" >> "$log"
    fi

    passed=$((passed + matched - left - bad)) failed=$((failed + bad)) skipped=$((skipped + left))
    if [ "$bad" -gt 0 ]; then
        printf 'FAIL  %s\n' "$label"
        grep -vE "$noise" "$log" || true
    elif [ "$matched" -gt 0 ]; then
        say "ok    $label: $((matched - left)) passed${left:+$([ "$left" = 0 ] || printf ', %s skipped' "$left")}"
        [ -n "$quiet" ] || awk '/\[SKIP\]$/ { getline; sub(/^ +/, ""); count[$0]++ }
            END { for (reason in count) printf "      skipped %d: %s\n", count[reason], reason }' "$log"
    fi
    rm -f "$log"
}

run_all_tests() {
    local project switch platform vector=0
    for project in "$root"/tests/*.Tests/*.csproj; do
        project=$(basename "$project" .csproj)
        if [ "$project" = GgufConcepts.LLamaSharp.Tests ] && [ "$llamasharp" = false ]; then
            [ $# -gt 0 ] || say "--    $project: left out, for there is no LLamaSharp here"
            continue
        fi
        run_tests "$project" "$project" "$@"
    done

    # The kernels once more on narrower vectors, down to none.
    for switch in DOTNET_EnableAVX512 DOTNET_EnableAVX2 DOTNET_EnableHWIntrinsic; do
        export "$switch=0"
        run_tests GgufConcepts.Tests "GgufConcepts.Tests, Suite=Vector with $switch=0" -trait Suite=Vector "$@"
        unset "$switch"
        vector=$((vector + matched))
    done
    if [ "$vector" -eq 0 ] && [ $# -eq 0 ]; then
        printf 'FAIL  no test of GgufConcepts.Tests has the trait Suite=Vector\n'
        failed=$((failed + 1))
    fi

    # All layers on a card, where Vulkan has a device, if only a software one (Debian: mesa-vulkan-drivers).
    if [ -z "${GGUFCONCEPTS_LLAMA_DIR:-}" ] && compgen -G '/usr/share/vulkan/icd.d/*.json' > /dev/null &&
        (npm_install "$runtime/vulkan" '*/bins/*/libggml-vulkan.*'); then
        platform=linux-$([ "$(uname -m)" = x86_64 ] && echo x64 || echo arm64)
        rm -rf "$artifacts/vulkan"
        mkdir -p "$artifacts/vulkan"
        ln -s "$runtime/node_modules/@node-llama-cpp/$platform/bins/$platform"/lib* \
            "$runtime/vulkan/node_modules/@node-llama-cpp/$platform-vulkan/bins/$platform-vulkan"/libggml-vulkan.* "$artifacts/vulkan"
        GGUFCONCEPTS_LLAMA_DIR=$artifacts/vulkan GGML_VK_VISIBLE_DEVICES=${GGML_VK_VISIBLE_DEVICES:-0} \
            run_tests GgufConcepts.Tests "GgufConcepts.Tests, Suite=Gpu on Vulkan" -trait Suite=Gpu "$@"
        GGUFCONCEPTS_LLAMA_DIR=$artifacts/vulkan GGML_VK_VISIBLE_DEVICES=${GGML_VK_VISIBLE_DEVICES:-0} \
            run_tests GgufConcepts.Cli.Tests "GgufConcepts.Cli.Tests, Suite=Gpu on Vulkan" -trait Suite=Gpu "$@"
    fi

    [ $((passed + failed)) -gt 0 ] || complain "no test ran"
    printf '%s passed, %s failed%s\n' "$passed" "$failed" "$([ "$skipped" = 0 ] || printf ', %s skipped' "$skipped")"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

run_benchmarks() {
    local name=GgufConcepts.Benchmarks
    [ -d "$root/tests/$name" ] || fail "there is no tests/$name"
    [ $# -gt 0 ] || set -- --filter '*'
    (cd "$artifacts" && "bin/$name/release/$name" "$@")
}

# Targets stand before the options. Inputs that reach something new are kept from night to night.
run_fuzzer() {
    local name=GgufConcepts.Fuzz targets=() target status=0
    say "Building the fuzzer"
    hushed dotnet build "$root/tests/$name" -c Release -p:RunAnalyzers=false -p:GenerateDocumentationFile=false \
        --nologo -v quiet -clp:NoSummary || fail "the fuzzer does not compile"
    while [ $# -gt 0 ] && [[ $1 != -* ]]; do
        targets+=("$1")
        shift
    done
    [ ${#targets[@]} -gt 0 ] || read -ra targets <<< "$("$artifacts/bin/$name/release/$name" --list)"
    for target in "${targets[@]}"; do
        "$artifacts/bin/$name/release/$name" "$target" --corpus "$artifacts/fuzz/corpus-$target" --dump "$artifacts/fuzz" "$@" ||
            { status=$?; complain "$target ended with exit code $status; what it could not survive is in artifacts/fuzz"; }
    done
    return "$status"
}

verb='' gpu='' rids='' to='' quiet='' llamasharp=false
while [ $# -gt 0 ]; do
    case $1 in
        build | cli | aot | pack | publish | test | bench | fuzz | clean | help)
            [ -z "$verb" ] || misuse "two verbs, $verb and $1"
            verb=$1
            ;;
        -h | --help) verb=help ;;
        --quiet) quiet=yes ;;
        --gpu)
            [ $# -gt 1 ] || misuse "--gpu lacks a value; use none, vulkan, cuda or cuda12"
            gpu=$2
            shift
            ;;
        --gpu=*) gpu=${1#--gpu=} ;;
        --rid=*) rids=${1#--rid=} ;;
        --to=*) to=${1#--to=} ;;
        --rid)
            [ $# -gt 1 ] || misuse "--rid lacks a value; use all, or a list such as win-x64,osx-arm64"
            rids=$2
            shift
            ;;
        --to)
            [ $# -gt 1 ] || misuse "--to lacks a folder"
            to=$2
            shift
            ;;
        --)
            shift
            break
            ;;
        -*) misuse "unknown option '$1'" ;;
        *) misuse "unknown verb '$1'" ;;
    esac
    shift
done

platforms=linux-x64,linux-arm64,osx-x64,osx-arm64,win-x64,win-arm64
[ "$rids" != all ] || rids=$platforms
for rid in ${rids//,/ }; do
    [[ ,$platforms, == *,$rid,* ]] || misuse "--rid names $rid; use all, or a list of ${platforms//,/, }"
done

# What --gpu said last holds until it says something else.
if [ -z "$gpu" ] && [ -f "$artifacts/gpu" ]; then gpu=$(cat "$artifacts/gpu"); fi
case $gpu in
    none) gpu='' ;;
    '' | vulkan | cuda | cuda12) ;;
    *) misuse "--gpu is '$gpu'; use none, vulkan, cuda or cuda12" ;;
esac

export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

case ${verb:-build} in
    help)
        usage
        exit
        ;;
    clean)
        rm -rf "$artifacts" "$runtime"/node_modules "$runtime"/*/node_modules "$root/native/abi/.source" "$root/tests/browser/node_modules"
        exit
        ;;
esac

check_dotnet
case ${verb:-build} in pack | publish) unset GGUFCONCEPTS_LLAMA_DIR ;; esac # they hold what npm brings
fetch_llama
mkdir -p "$artifacts"
printf '%s\n' "${gpu:-none}" > "$artifacts/gpu"
case ${verb:-build} in aot | publish) ;; *) probe_llamasharp ;; esac
case ${verb:-build} in
    build) build_all ;;
    cli) build_cli ;;
    aot) compile_native "$artifacts/aot" -p:GgufConceptsGpu="$gpu" ;;
    pack) pack_all ;;
    publish) publish_archive ;;
    test)
        build_all
        run_all_tests "$@"
        ;;
    bench)
        build_all
        run_benchmarks "$@"
        ;;
    fuzz) run_fuzzer "$@" ;;
esac
