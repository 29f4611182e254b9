using GgufConcepts.Hosting;
using Microsoft.Extensions.AI;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddGgufConcepts(builder.Configuration.GetSection("GgufConcepts")); // appsettings.json names the models

WebApplication app = builder.Build();
app.MapGroup("/ai").MapGgufConcepts(); // the page, OpenAI's endpoints and ours, below a path of our own
app.MapGet("/ask", async (string question, IChatClient client, CancellationToken cancellation) =>
    (await client.GetResponseAsync(question, cancellationToken: cancellation)).Text);
app.Run();
