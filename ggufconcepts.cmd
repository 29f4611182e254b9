@echo off
rem Runs the GgufConcepts command line; builds it on first use. build.ps1 brings it up to date after a change.
setlocal DisableDelayedExpansion
set "fast=%~dp0artifacts\ggufconcepts\GgufConcepts.Cli.exe"
set "plain=%~dp0artifacts\bin\GgufConcepts.Cli\release\GgufConcepts.Cli.exe"
set "lock=%~dp0artifacts\first-use.lock.d"
set "log=%TEMP%\ggufconcepts-%RANDOM%%RANDOM%.log"
set /a waited=0
if exist "%fast%" goto fast
if exist "%plain%" goto plain
echo Building GgufConcepts (first use)... 1>&2

rem One first use builds, others wait for it; a lock ten minutes old is left over from a build that was killed.
:wait
mkdir "%lock%" 2>nul && goto build
set /a waited+=1
if %waited% gtr 600 rmdir "%lock%" 2>nul
ping -n 2 127.0.0.1 >nul
goto wait

:build
if exist "%fast%" goto built
if exist "%plain%" goto built
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0build.ps1" --quiet cli >"%log%" 2>&1
set "status=%errorlevel%"
type "%log%" 1>&2
del "%log%"
if not "%status%"=="0" (
    rmdir "%lock%" 2>nul
    exit /b 1
)
:built
rmdir "%lock%" 2>nul
if exist "%fast%" goto fast
if exist "%plain%" goto plain
echo ggufconcepts: the build left no "%plain%" 1>&2
exit /b 1

:fast
"%fast%" %*
exit /b %errorlevel%

:plain
"%plain%" %*
exit /b %errorlevel%
