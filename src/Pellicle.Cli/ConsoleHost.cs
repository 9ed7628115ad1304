using System.Collections;
using System.Runtime.InteropServices;
using System.Text;

namespace Pellicle.Cli;

/// <summary>Connects the program to the console, the environment and Ctrl-C.</summary>
internal static class ConsoleHost
{
    /// <summary>Runs the program once.</summary>
    /// <param name="args">Arguments.</param>
    /// <param name="commands">The command tree.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, IReadOnlyList<CliCommand> commands)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        using var output = new StreamWriter(Console.OpenStandardOutput(), utf8, 1 << 14) { AutoFlush = false };
        using var error = new StreamWriter(Console.OpenStandardError(), utf8, 1 << 10) { AutoFlush = true };
        using var cancellation = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            if (!cancellation.IsCancellationRequested)
            {
                signal.Cancel = true; // finish the step, write checkpoint and ledger
                cancellation.Cancel();
            }
        }

        // A second signal is not cancelled: the runtime then ends the process at once.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var host = new AppHost
        {
            Output = output,
            Error = error,
            Input = Console.In,
            AskSecret = Console.IsInputRedirected || Console.IsErrorRedirected ? null : question => ReadSecret(error, question),
            Variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? ""),
            IsErrorTerminal = !Console.IsErrorRedirected,
            Cancellation = cancellation.Token,
        };
        int code = new App(commands).Run(args, host);
        try
        {
            output.Flush();
        }
        catch (IOException)
        {
            // The reader of our output has gone (a pipe to head): nobody is left to tell.
        }

        return code;
    }

    private static string? ReadSecret(TextWriter error, string question)
    {
        error.Write(question);
        var typed = new StringBuilder();
        for (ConsoleKeyInfo key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                typed.Append(key.KeyChar);
            }
        }

        error.WriteLine();
        return typed.Length == 0 ? null : typed.ToString();
    }
}
