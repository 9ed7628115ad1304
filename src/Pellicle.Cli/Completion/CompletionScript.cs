using System.CommandLine;
using System.Text;

namespace Pellicle.Cli.Completion;

/// <summary>Writes completion scripts: a table "words before → words that may follow", and the few lines of each shell that look it up.</summary>
/// <remarks>The scripts start no program, so completing is instant; they are printed anew after an update.</remarks>
internal static class CompletionScript
{
    /// <summary>Writes the script of a shell.</summary>
    /// <param name="shell">bash, zsh or pwsh.</param>
    /// <param name="commands">The command tree.</param>
    public static string For(string shell, IReadOnlyList<CliCommand> commands)
    {
        IReadOnlyList<(string Words, string[] Next)> table = Table(commands);
        return shell switch
        {
            "pwsh" => PowerShell(table),
            "zsh" => "autoload -U +X bashcompinit && bashcompinit\n" + Bash(table),
            _ => Bash(table),
        };
    }

    /// <summary>What may follow nothing, a group, and a command.</summary>
    internal static IReadOnlyList<(string Words, string[] Next)> Table(IReadOnlyList<CliCommand> commands)
    {
        string[] global = [.. GlobalOptions.All.SelectMany(Names)];
        var table = new List<(string, string[])> { ("", [.. commands.Select(c => c.Name.Split(' ')[0]).Distinct(), "--help", "--version"]) };
        foreach (IGrouping<string, CliCommand> group in commands.Where(c => c.Name.Contains(' ', StringComparison.Ordinal)).GroupBy(c => c.Name.Split(' ')[0]))
        {
            table.Add((group.Key, [.. group.Select(c => c.Name[(group.Key.Length + 1)..])]));
        }

        foreach (CliCommand command in commands)
        {
            string[] words = command.Name == "completion" ? ["bash", "zsh", "pwsh"] : [];
            table.Add((command.Name, [.. words, .. command.Options.SelectMany(Names), .. global]));
        }

        return table;
    }

    private static IEnumerable<string> Names(Option option) => option.Aliases.Prepend(option.Name).Distinct();

    private static string Bash(IReadOnlyList<(string Words, string[] Next)> table)
    {
        var text = new StringBuilder("_pellicle() {\n  local current=${COMP_WORDS[COMP_CWORD]} words='' word next=''\n  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case $word in -*) break ;; esac\n    words=\"${words:+$words }$word\"\n  done\n  case $words in\n");
        // Longer commands first, so that "data inspect pack.zip" finds "data inspect" and not "data".
        foreach ((string words, string[] next) in table.OrderByDescending(t => t.Words.Count(c => c == ' ')).ThenByDescending(t => t.Words.Length))
        {
            text.Append(words.Length == 0 ? "    '')" : $"    '{words}' | '{words} '*)").Append($" next='{string.Join(' ', next)}' ;;\n");
        }

        text.Append("  esac\n  COMPREPLY=($(compgen -W \"$next\" -- \"$current\"))\n}\ncomplete -o default -F _pellicle pellicle ./pellicle\n");
        return text.ToString();
    }

    private static string PowerShell(IReadOnlyList<(string Words, string[] Next)> table)
    {
        var text = new StringBuilder("Register-ArgumentCompleter -Native -CommandName pellicle -ScriptBlock {\n  param($current, $ast, $position)\n  $table = @{\n");
        foreach ((string words, string[] next) in table)
        {
            text.Append($"    '{words}' = @({string.Join(", ", next.Select(n => $"'{n}'"))})\n");
        }

        text.Append(
            """
              }
              $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() } | Where-Object { $_ -ne $current -and -not $_.StartsWith('-') })
              for ($n = [Math]::Min(2, $words.Count); $n -ge 0; $n--) {
                $key = ($words | Select-Object -First $n) -join ' '
                if ($table.ContainsKey($key)) {
                  $table[$key] | Where-Object { $_ -like "$current*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
                  break
                }
              }
            }

            """);
        return text.ToString();
    }
}
