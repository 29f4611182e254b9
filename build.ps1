# Builds, tests and measures GgufConcepts on Windows (PowerShell 5.1 or 7). build.sh is the same for Linux and macOS.
$usage = @'
usage: .\build.ps1 [VERB] [--gpu none|vulkan|cuda|cuda12] [--rid LIST] [--to FOLDER] [--quiet] [-- ARGUMENTS]

  build   fetch the prebuilt llama.cpp and compile everything (the default)
  cli     only what ggufconcepts.cmd runs; ggufconcepts.cmd does this on first use
  aot     artifacts\aot\ggufconcepts.exe: one native executable that needs no .NET and starts fastest, for processors
          with the features of this one's; needs the C++ tools of Visual Studio, and minutes
  pack    artifacts\packages: the NuGet packages: GgufConcepts, .Hosting, .LLamaSharp, .Nats, .Runtime.<platform> and .Tool
  publish artifacts\publish: an archive for people without .NET, a native executable with llama.cpp and the models that
          travel along; on x64 for processors with AVX2, FMA and BMI (x86-64-v3); needs what aot needs
  test    build, then run every test; the last line counts them
  bench   build, then run the benchmarks
  fuzz    build the fuzzer, then give each target, or those named after --, a million inputs; findings are kept in
          artifacts\fuzz
  clean   delete what was built and fetched
  help    this text

  --gpu   add a GPU module: vulkan (any driver), cuda (CUDA 13) or cuda12 (CUDA 12); a later build keeps it until
          --gpu none takes it away
  --rid   pack for other platforms as well: all, or a list of linux-x64, linux-arm64, osx-x64, osx-arm64, win-x64, win-arm64;
          at a PowerShell prompt, write a list with quotes
  --to    the folder that pack and publish write to. Neither holds a GPU module
  --quiet print errors only
  --      ARGUMENTS go to the test runner (-class NAME, -trait Suite=Vector), to BenchmarkDotNet (--filter *Mix*) or
          to the fuzzer (gguf trace --runs 100000);
          at a PowerShell prompt, write it with quotes: '--'

Set GGUFCONCEPTS_LLAMA_DIR to a folder with llama.dll of a supported llama.cpp to build and run without npm.
'@

$root = $PSScriptRoot
$artifacts = Join-Path $root 'artifacts'
$runtime = Join-Path (Join-Path $root 'native') 'runtime'
$suffix = ''
if ($env:OS -eq 'Windows_NT') { $suffix = '.exe' }

$script:verb = ''
$script:gpu = ''
$script:llamasharp = 'false'
$script:rids = ''
$script:to = ''
$script:quiet = $false
$script:rest = @()

function Say([string] $text) { if (-not $script:quiet) { Write-Host $text } }
function Complain([string] $text) { [Console]::Error.WriteLine("build.ps1: $text") }
function Fail([string] $text) { Complain $text; exit 1 }
function Misuse([string] $text) { Complain "$text; .\build.ps1 help lists what there is"; exit 2 }

# Runs a program with its output in a file. Windows PowerShell makes an error record of every line on standard error;
# "$_" takes the text out again.
function Invoke-Logged([string] $log, [string] $program, [string[]] $arguments) {
    $ErrorActionPreference = 'Continue'
    & $program @arguments 2>&1 | ForEach-Object { "$_" } | Out-File -FilePath $log -Encoding utf8
    return $LASTEXITCODE
}

# The same, its output shown only when it fails.
function Invoke-Hushed([string] $program, [string[]] $arguments) {
    $log = [IO.Path]::GetTempFileName()
    $status = Invoke-Logged $log $program $arguments
    if ($status -ne 0) { Get-Content -Encoding UTF8 $log | ForEach-Object { [Console]::Error.WriteLine($_) } }
    Remove-Item $log
    return $status
}

function Test-Command([string] $name) {
    return [bool] (Get-Command $name -CommandType Application -ErrorAction SilentlyContinue)
}

function Assert-Dotnet {
    $wanted = (Get-Content -Raw (Join-Path $root 'global.json') | ConvertFrom-Json).sdk.version
    $where = "get the .NET $($wanted.Split('.')[0]) SDK, $wanted or newer, from https://dot.net"
    if (-not (Test-Command 'dotnet')) { Fail "dotnet is not on the PATH; $where" }
    Push-Location $root
    $log = [IO.Path]::GetTempFileName()
    $status = Invoke-Logged $log 'dotnet' @('--version')
    Remove-Item $log
    Pop-Location
    if ($status -ne 0) { Fail "no .NET SDK that fits is here; $where" }
}

# Runs npm ci where it has not run since the lock changed, then looks for a file.
function Install-Locked([string] $folder, [string] $pattern, [string] $what, [string[]] $options = @()) {
    $lock = Get-Item (Join-Path $folder 'package-lock.json')
    $modules = Join-Path $folder 'node_modules'
    $done = Join-Path $modules '.package-lock.json'
    if (-not (Test-Path $done) -or $lock.LastWriteTimeUtc -gt (Get-Item -Force $done).LastWriteTimeUtc) {
        if (-not (Test-Command 'npm')) {
            Fail ('npm is not on the PATH, and it fetches llama.cpp; install Node.js 20 or newer from ' +
                'https://nodejs.org, or set GGUFCONCEPTS_LLAMA_DIR to a folder with llama.dll of a supported version')
        }

        Say "Fetching $what of llama.cpp"
        Push-Location $folder
        $npm = 'npm'
        if ($suffix) { $npm = 'npm.cmd' }
        $status = Invoke-Hushed $npm (@('ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error') + $options)
        Pop-Location
        if ($status -ne 0) { Fail "npm ci failed in $folder" }
    }

    # npm passes over an optional package that it cannot fetch, or that is not for this machine, without a word
    if (-not (Test-Path (Join-Path (Join-Path $modules '@node-llama-cpp') $pattern))) {
        if (Test-Path $modules) { Remove-Item -Recurse -Force $modules }
        Fail ("npm brought no $what of llama.cpp: there is no package for it, or npm cannot reach " +
            'the registry. GGUFCONCEPTS_LLAMA_DIR can name a folder with llama.dll of a supported version instead')
    }
}

function Install-Llama {
    $own = $env:GGUFCONCEPTS_LLAMA_DIR
    if ($own) {
        if (-not (Test-Path (Join-Path $own '*llama.*'))) {
            Fail "GGUFCONCEPTS_LLAMA_DIR is $own, which holds no llama library"
        }
    }
    else {
        Install-Locked $runtime '*/bins/*/*llama.*' 'runtime'
    }

    switch ($script:gpu) {
        'vulkan' { Install-Locked (Join-Path $runtime 'vulkan') '*/bins/*/*ggml-vulkan.*' 'vulkan' }
        'cuda' { Install-Locked (Join-Path $runtime 'cuda') '*/bins/*/*ggml-cuda.*' 'cuda' }
        'cuda12' { Install-Locked (Join-Path $runtime 'cuda12') '*/bins/*/fallback/*ggml-cuda.*' 'cuda12' }
    }
}

# Asks once whether the package feed has LLamaSharp, by a restore of the one project that needs it, and keeps the answer.
# Elsewhere than on x64 its packages put their libraries into the very folder of ours.
function Find-LLamaSharp {
    $answer = Join-Path $artifacts 'llamasharp'
    $probe = Join-Path $artifacts 'llamasharp-probe'
    if (-not (Test-Path $answer)) {
        $found = 'false'
        if ([Runtime.InteropServices.RuntimeInformation]::OSArchitecture -eq 'X64') {
            $status = Invoke-Logged (Join-Path $artifacts 'llamasharp.log') 'dotnet' @(
                'restore', [IO.Path]::Combine($root, 'src', 'GgufConcepts.LLamaSharp'), '-p:WithLLamaSharp=true',
                "-p:ArtifactsPath=$probe", '-v', 'quiet')
            if ($status -eq 0) { $found = 'true' }
        }
        if ($found -eq 'false') {
            Say ('Without --backend llamasharp: no LLamaSharp for this machine (artifacts\llamasharp.log, if the feed was ' +
                'asked); delete artifacts\llamasharp to ask again')
        }
        Set-Content -Encoding Ascii -Path $answer -Value $found
        if (Test-Path $probe) { Remove-Item -Recurse -Force $probe }
    }
    $script:llamasharp = (Get-Content -TotalCount 1 $answer).Trim()
}

# The command line alone, compiled ahead of time so that it starts faster, moved into place when it is whole.
# Its own folder of intermediate files keeps it and the solution from undoing each other's restore.
function Build-Cli {
    $project = Join-Path (Join-Path $root 'src') 'GgufConcepts.Cli'
    $work = Join-Path $artifacts 'ready-to-run'
    $made = Join-Path $work 'ggufconcepts'
    $place = Join-Path $artifacts 'ggufconcepts'
    $log = Join-Path $artifacts 'ready-to-run.log'
    if (Test-Path $made) { Remove-Item -Recurse -Force $made }
    $status = Invoke-Logged $log 'dotnet' @(
        'publish', $project, '-c', 'Release', '--use-current-runtime', '--self-contained', 'false', '-o', $made,
        '-p:PublishReadyToRun=true', "-p:ArtifactsPath=$work", "-p:GgufConceptsGpu=$script:gpu",
        "-p:WithLLamaSharp=$script:llamasharp", '-p:RunAnalyzers=false', '-p:GenerateDocumentationFile=false',
        '-p:CreateHardLinksForAdditionalFilesIfPossible=true', '-p:CreateHardLinksForPublishFilesIfPossible=true',
        '--nologo', '-v', 'quiet', '-clp:NoSummary')

    if (Test-Path $place) {
        Remove-Item -Recurse -Force $place -ErrorAction SilentlyContinue
        if (Test-Path $place) { Fail "$place cannot be replaced; end the ggufconcepts that runs from it" }
    }

    if ($status -eq 0) {
        Remove-Item $log
        Move-Item $made $place
        return
    }

    $status = Invoke-Hushed 'dotnet' @(
        'build', $project, '-c', 'Release', "-p:GgufConceptsGpu=$script:gpu", "-p:WithLLamaSharp=$script:llamasharp", '--nologo', '-v', 'quiet', '-clp:NoSummary')
    if ($status -ne 0) { Fail 'the command line does not compile' }
    Complain 'the ahead-of-time compiler could not be had (artifacts\ready-to-run.log says why); starts will be slower'
}

# The command line as a native executable, moved into place when it is whole.
function Build-Native([string] $place, [string[]] $properties) {
    $project = Join-Path (Join-Path $root 'src') 'GgufConcepts.Cli'
    $work = Join-Path $artifacts 'native-aot'
    $made = Join-Path $work 'made'
    $log = Join-Path $artifacts 'native-aot.log'
    Say 'Compiling the command line to a native executable'
    if (Test-Path $made) { Remove-Item -Recurse -Force $made }
    $status = Invoke-Logged $log 'dotnet' (@(
        'publish', $project, '-c', 'Release', '--use-current-runtime', '-o', $made, '-p:PublishAot=true',
        "-p:ArtifactsPath=$work", '-p:RunAnalyzers=false', '-p:GenerateDocumentationFile=false', '-p:DebugType=none',
        '-p:CreateHardLinksForAdditionalFilesIfPossible=true', '--nologo', '-v', 'quiet', '-clp:NoSummary') + $properties)
    if ($status -ne 0) { Fail 'it does not compile or link; artifacts\native-aot.log says why' }
    $ending = ''
    if (Test-Path (Join-Path $made 'GgufConcepts.Cli.exe')) { $ending = '.exe' }
    Move-Item (Join-Path $made "GgufConcepts.Cli$ending") (Join-Path $made "ggufconcepts$ending")
    if (Test-Path $place) { Remove-Item -Recurse -Force $place }
    Move-Item $made $place
    Remove-Item $log
}

# What NuGet and node-llama-cpp call this machine.
function Get-OwnRid {
    $architecture = 'x64'
    if ([Runtime.InteropServices.RuntimeInformation]::OSArchitecture -eq 'Arm64') { $architecture = 'arm64' }
    $system = 'win'
    if (-not $suffix) {
        $system = 'linux'
        if ($IsMacOS) { $system = 'osx' }
    }
    return "$system-$architecture"
}

# llama.cpp for another machine, out of the same lock, where Runtime.targets looks for it.
function Install-For([string] $rid) {
    $folder = [IO.Path]::Combine($artifacts, 'llama', $rid)
    $system, $architecture = $rid.Split('-')
    if ($system -eq 'osx') { $system = 'darwin' }
    if ($system -eq 'win') { $system = 'win32' }
    New-Item -ItemType Directory -Force $folder | Out-Null
    'package.json', 'package-lock.json' | ForEach-Object { Copy-Item (Join-Path $runtime $_) $folder }
    Install-Locked $folder '*/bins/*/*llama.*' "$rid runtime" @("--os=$system", "--cpu=$architecture", '--libc=glibc')
}

# The packages of every project that is one, then llama.cpp for the other platforms. The intermediate files have a
# folder of their own, as those of Build-Cli.
function Build-Packages {
    $own = Get-OwnRid
    $feed = $script:to
    if (-not $feed) { $feed = Join-Path $artifacts 'packages' }
    $others = @($script:rids.Split(',') | Where-Object { $_ -and $_ -ne $own })
    foreach ($rid in $others) { Install-For $rid }

    Say "Packing for $(@($own) + $others)"
    $options = @('-c', 'Release', '-o', $feed, "-p:ArtifactsPath=$(Join-Path $artifacts 'packing')",
        '-p:ContinuousIntegrationBuild=true', '-p:RunAnalyzers=false', '--nologo', '-v', 'quiet', '-clp:NoSummary')
    $solution = Join-Path $root 'GgufConcepts.sln'
    $wanted = "-p:PackRids=$((@($own) + $others) -join '%3B')"
    if ((Invoke-Hushed 'dotnet' (@('pack', $solution, $wanted) + $options)) -ne 0) { Fail 'the packages cannot be made' }
    if ($script:llamasharp -eq 'true') { # not in the tool, which it would double
        $project = [IO.Path]::Combine($root, 'src', 'GgufConcepts.LLamaSharp')
        if ((Invoke-Hushed 'dotnet' (@('pack', $project, '-p:WithLLamaSharp=true') + $options)) -ne 0) {
            Fail 'GgufConcepts.LLamaSharp cannot be packed'
        }
    }
    $project = Join-Path (Join-Path $root 'native') 'GgufConcepts.Runtime'
    foreach ($rid in $others) {
        if ((Invoke-Hushed 'dotnet' (@('pack', $project, "-p:LlamaRid=$rid") + $options)) -ne 0) {
            Fail "there is no package for $rid"
        }
    }
}

# The archive, written under another name and moved into place when it is whole.
function Publish-Archive {
    $place = $script:to
    if (-not $place) { $place = Join-Path $artifacts 'publish' }
    $version = ([xml] (Get-Content -Raw (Join-Path $root 'Directory.Build.props'))).SelectSingleNode('//Version').InnerText
    $name = "ggufconcepts-$version-$(Get-OwnRid)"
    $work = Join-Path $artifacts 'publishing'
    New-Item -ItemType Directory -Force $work, $place | Out-Null
    Build-Native (Join-Path $work $name) @('-p:PortableNative=true', '-p:TravellingModels=true')
    Compress-Archive -Force -Path (Join-Path $work $name) -DestinationPath (Join-Path $work "$name.zip")
    Move-Item -Force (Join-Path $work "$name.zip") (Join-Path $place "$name.zip")
    Remove-Item -Recurse -Force $work
    Say (Join-Path $place "$name.zip")
}

function Build-All {
    $with = ''
    $arguments = @('build', (Join-Path $root 'GgufConcepts.sln'), '-c', 'Release', "-p:GgufConceptsGpu=$script:gpu",
        "-p:WithLLamaSharp=$script:llamasharp", '--nologo', '-v', 'quiet', '-clp:NoSummary')
    if ($script:gpu) {
        $with = " (GPU module: $script:gpu)"
        $arguments += '-p:CreateHardLinksForAdditionalFilesIfPossible=true' # a CUDA module has 150 to 370 MB
    }

    Say "Building GgufConcepts$with"
    if ((Invoke-Hushed 'dotnet' $arguments) -ne 0) { Fail 'the solution does not compile' }
    Build-Cli
}

function Get-Program([string] $name) {
    return [IO.Path]::Combine($artifacts, 'bin', $name, 'release', "$name$suffix")
}

$script:passed = 0
$script:failed = 0
$script:skipped = 0
$script:matched = 0

# One test program: adds to the counts, shows failures in full.
function Invoke-Tests([string] $name, [string] $label, [string[]] $arguments) {
    $log = [IO.Path]::GetTempFileName()
    $status = Invoke-Logged $log (Get-Program $name) (@('-noLogo', '-noColor', '-reporter', 'verbose') + $arguments)
    $lines = @(Get-Content -Encoding UTF8 $log)
    Remove-Item $log

    # Total: 14, Errors: 0, Failed: 2, Skipped: 0, Not Run: 0, Time: 0.271s; or Total: 0
    $count = @{ 'Total' = 0; 'Errors' = 0; 'Failed' = 0; 'Skipped' = 0; 'Not Run' = 0 }
    $summary = $lines | Where-Object { $_ -match '^ +\S+ +Total: \d+' } | Select-Object -Last 1
    foreach ($key in @($count.Keys)) {
        if ("$summary" -match "$key`: (\d+)") { $count[$key] = [int] $Matches[1] }
    }

    $bad = $count['Failed'] + $count['Errors']
    $left = $count['Skipped']
    $script:matched = $count['Total'] + $count['Errors'] - $count['Not Run']
    if ($status -ne 0 -and $bad -eq 0) { # it died: no summary, or one that does not say so
        $bad = 1
        $script:matched += 1
        $open = @{}
        foreach ($line in $lines) {
            $test = $line.Trim().Split(' ')[0]
            if ($line -match ' \[STARTING\]$') { $open[$test] = 1 + $open[$test] }
            if ($line -match ' \[FINISHED\] ') { $open[$test] -= 1 }
        }
        $unfinished = @($open.Keys | Where-Object { $open[$_] -gt 0 } | ForEach-Object { ", in $_" }) -join ''
        $lines += "It ended with exit code $status$unfinished."
    }

    $script:passed += $script:matched - $bad - $left
    $script:failed += $bad
    $script:skipped += $left
    if ($bad -gt 0) {
        Write-Output "FAIL  $label"
        $lines | Where-Object {
            $_ -notmatch ('^  (Discovering|Discovered|Starting|Finished): |^=== TEST| \[(STARTING|FINISHED|NOT RUN)\]' +
                '|^ +at (Xunit|System\.(Reflection|Runtime|Threading))\.')
        }
    }
    elseif ($script:matched -gt 0 -and -not $script:quiet) {
        $also = ''
        if ($left -gt 0) { $also = ", $left skipped" }
        Write-Output "ok    $label`: $($script:matched - $left) passed$also"
        $reasons = @(for ($i = 0; $i -lt $lines.Count - 1; $i++) {
            if ($lines[$i] -match '\[SKIP\]$') { $lines[$i + 1].Trim() }
        })
        $reasons | Group-Object | ForEach-Object { "      skipped $($_.Count): $($_.Name)" }
    }
}

function Invoke-AllTests {
    $projects = Get-ChildItem -Path ([IO.Path]::Combine($root, 'tests', '*.Tests', '*.csproj')) | Sort-Object Name
    foreach ($project in $projects) {
        if ($project.BaseName -eq 'GgufConcepts.LLamaSharp.Tests' -and $script:llamasharp -eq 'false') {
            if ($script:rest.Count -eq 0) { Say "--    $($project.BaseName): left out, for there is no LLamaSharp here" }
            continue
        }
        Invoke-Tests $project.BaseName $project.BaseName $script:rest
    }

    # The kernels once more on narrower vectors, down to none.
    $vector = 0
    foreach ($setting in 'DOTNET_EnableAVX512', 'DOTNET_EnableAVX2', 'DOTNET_EnableHWIntrinsic') {
        Set-Item "Env:$setting" '0'
        $arguments = @('-trait', 'Suite=Vector') + $script:rest
        Invoke-Tests 'GgufConcepts.Tests' "GgufConcepts.Tests, Suite=Vector with $setting=0" $arguments
        Remove-Item "Env:$setting"
        $vector += $script:matched
    }
    if ($vector -eq 0 -and $script:rest.Count -eq 0) {
        Write-Output 'FAIL  no test of GgufConcepts.Tests has the trait Suite=Vector'
        $script:failed += 1
    }

    if ($script:passed + $script:failed -eq 0) { Complain 'no test ran' }
    $also = ''
    if ($script:skipped -gt 0) { $also = ", $script:skipped skipped" }
    Write-Output "$script:passed passed, $script:failed failed$also"
}

for ($i = 0; $i -lt $args.Count; $i++) {
    $word = [string] $args[$i]
    if ('build', 'cli', 'aot', 'pack', 'publish', 'test', 'bench', 'fuzz', 'clean', 'help' -ccontains $word) {
        if ($script:verb) { Misuse "two verbs, $script:verb and $word" }
        $script:verb = $word
    }
    elseif ('-h', '--help' -ccontains $word) { $script:verb = 'help' }
    elseif ($word -ceq '--quiet') { $script:quiet = $true }
    elseif ($word -ceq '--gpu') {
        $i++
        if ($i -ge $args.Count) { Misuse '--gpu lacks a value; use none, vulkan, cuda or cuda12' }
        $script:gpu = [string] $args[$i]
    }
    elseif ($word -clike '--gpu=*') { $script:gpu = $word.Substring(6) }
    elseif ($word -clike '--rid=*') { $script:rids = $word.Substring(6) }
    elseif ($word -clike '--to=*') { $script:to = $word.Substring(5) }
    elseif ($word -ceq '--rid' -or $word -ceq '--to') {
        $i++
        if ($i -ge $args.Count) { Misuse "$word lacks a value" }
        if ($word -ceq '--rid') { $script:rids = @($args[$i]) -join ',' }
        else { $script:to = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath([string] $args[$i]) }
    }
    elseif ($word -ceq '--') {
        if ($i + 1 -lt $args.Count) { $script:rest = @($args[($i + 1)..($args.Count - 1)]) }
        break
    }
    elseif ($word -like '-*') { Misuse "unknown option '$word'" }
    else { Misuse "unknown verb '$word'" }
}
if (-not $script:verb) { $script:verb = 'build' }

$known = 'linux-x64', 'linux-arm64', 'osx-x64', 'osx-arm64', 'win-x64', 'win-arm64'
if ($script:rids -ceq 'all') { $script:rids = $known -join ',' }
foreach ($rid in $script:rids.Split(',')) {
    if ($rid -and $known -cnotcontains $rid) { Misuse "--rid names $rid; use all, or a list of $($known -join ', ')" }
}

# What --gpu said last holds until it says something else.
$remembered = Join-Path $artifacts 'gpu'
if (-not $script:gpu -and (Test-Path $remembered)) { $script:gpu = (Get-Content -TotalCount 1 $remembered).Trim() }
if ('none', 'vulkan', 'cuda', 'cuda12', '' -cnotcontains $script:gpu) {
    Misuse "--gpu is '$script:gpu'; use none, vulkan, cuda or cuda12"
}
if ($script:gpu -eq 'none') { $script:gpu = '' }

if ($script:verb -eq 'help') { Write-Output $usage; exit 0 }
if ($script:verb -eq 'clean') {
    $made = @($artifacts, (Join-Path $runtime 'node_modules'), [IO.Path]::Combine($root, 'native', 'abi', '.source'))
    $made += [IO.Path]::Combine($root, 'tests', 'browser', 'node_modules')
    $made += 'vulkan', 'cuda', 'cuda12' | ForEach-Object { [IO.Path]::Combine($runtime, $_, 'node_modules') }
    foreach ($folder in $made) { if (Test-Path $folder) { Remove-Item -Recurse -Force $folder } }
    exit 0
}

$env:DOTNET_CLI_UI_LANGUAGE = 'en'
$env:DOTNET_NOLOGO = '1'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'

Assert-Dotnet
if ('pack', 'publish' -ccontains $script:verb) { $env:GGUFCONCEPTS_LLAMA_DIR = '' } # they hold what npm brings
Install-Llama
New-Item -ItemType Directory -Force $artifacts | Out-Null
$chosen = 'none'
if ($script:gpu) { $chosen = $script:gpu }
Set-Content -Encoding Ascii -Path $remembered -Value $chosen

if ('aot', 'publish' -cnotcontains $script:verb) { Find-LLamaSharp }
switch ($script:verb) {
    'build' { Build-All }
    'cli' { Build-Cli }
    'aot' { Build-Native (Join-Path $artifacts 'aot') @("-p:GgufConceptsGpu=$script:gpu") }
    'pack' { Build-Packages }
    'publish' { Publish-Archive }
    'test' {
        Build-All
        Invoke-AllTests
        if ($script:failed -gt 0 -or $script:passed -eq 0) { exit 1 }
    }
    'fuzz' {
        $name = 'GgufConcepts.Fuzz'
        Say 'Building the fuzzer'
        if ((Invoke-Hushed 'dotnet' @('build', [IO.Path]::Combine($root, 'tests', $name), '-c', 'Release', '-p:RunAnalyzers=false',
                    '-p:GenerateDocumentationFile=false', '--nologo', '-v', 'quiet', '-clp:NoSummary')) -ne 0) {
            Fail 'the fuzzer does not compile'
        }

        # targets stand before the options
        $program = Get-Program $name
        $count = 0
        while ($count -lt $script:rest.Count -and -not $script:rest[$count].StartsWith('-')) { $count++ }
        $options = @($script:rest | Select-Object -Skip $count)
        $targets = @($script:rest | Select-Object -First $count)
        if ($count -eq 0) { $targets = (& $program --list) -split ' ' }
        $kept = Join-Path $artifacts 'fuzz'
        $status = 0
        foreach ($target in $targets) {
            & $program $target --corpus (Join-Path $kept "corpus-$target") --dump $kept @options
            if ($LASTEXITCODE -ne 0) {
                $status = $LASTEXITCODE
                Complain "$target ended with exit code $status; what it could not survive is in artifacts\fuzz"
            }
        }

        exit $status
    }
    'bench' {
        $name = 'GgufConcepts.Benchmarks'
        if (-not (Test-Path ([IO.Path]::Combine($root, 'tests', $name)))) { Fail "there is no tests\$name" }
        Build-All
        if ($script:rest.Count -eq 0) { $script:rest = @('--filter', '*') }
        Push-Location $artifacts
        & (Get-Program $name) @script:rest
        $status = $LASTEXITCODE
        Pop-Location
        exit $status
    }
}
exit 0
