using GgufConcepts.Fuzz;
using GgufConcepts.Fuzz.Engine;
using GgufConcepts.Fuzz.Targets;

if (args is ["--instrument"])
{
    Instrumentation.Run(); // before anything of ours is loaded
    return 0;
}

CoverageMap.Prepare();
if (args is ["--list"])
{
    Console.WriteLine(string.Join(' ', FuzzTargets.Real));
    return 0;
}

return new FuzzCommand().Parse(args).Invoke();
