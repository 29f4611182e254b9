using System.CommandLine;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>models</c>: what concerns model files rather than thoughts.</summary>
internal sealed class ModelsCommand : Command
{
    public ModelsCommand()
        : base("models", "List the models of this machine, fetch others, look into them; make model files.")
    {
        Subcommands.Add(new ModelsListCommand());
        Subcommands.Add(new ModelsPullCommand());
        Subcommands.Add(new ModelsInfoCommand());
        Subcommands.Add(new ModelsVerifyCommand());
        Subcommands.Add(new ModelsMakeCommand());
    }
}
