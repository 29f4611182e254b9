using GgufConcepts.Hosting;
using GgufConcepts.Thinking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.AddGgufConcepts().AddModel("atlas", model => model.Model = "atlas");
using IHost host = builder.Build();
await host.StartAsync();
await foreach (ThoughtEvent happened in host.Services.GetRequiredService<IConceptService>().ThinkAsync("The capital of France is"))
{
    Console.WriteLine(happened);
}

await host.StopAsync();
