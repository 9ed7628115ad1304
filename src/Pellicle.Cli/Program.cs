using Pellicle.Cli;
using Pellicle.Cli.Commands;

// The command tree, and nothing else. Each command is one file in Commands/.
return ConsoleHost.Run(args, CommandTree.All);
