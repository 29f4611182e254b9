using GgufConcepts.Tests.Readme;

// The README's page of C#, by a program that has the packages and nothing else of the repository:
//   ./build.sh pack && dotnet run --project tests/Sample -- model.gguf
if (args is not [string model])
{
    Console.Error.WriteLine("usage: Sample MODEL.gguf");
    return 2;
}

await QuickStart.RunAsync(model, Console.Out, CancellationToken.None);
return 0;
