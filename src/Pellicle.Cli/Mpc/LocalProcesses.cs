using System.Diagnostics;
using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Benchmark;
using Pellicle.Mpc.Client;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Party;

namespace Pellicle.Cli.Mpc;

/// <summary>Three <c>pellicle mpc party</c> processes on loopback with kits made for them, and a client of theirs in this process.</summary>
/// <remarks>What a real deployment does, on one machine: TLS between the parties, HTTPS to the client. The processes end with this object, or when this process dies,
/// because their standard input closes; the kits are deleted.</remarks>
internal sealed class LocalProcesses : IMeasuredParties
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pellicle-mpc-");
    private readonly List<PartyProcess> _processes = [];
    private readonly RemoteParties _client;

    /// <summary>Writes kits and starts the parties.</summary>
    /// <param name="network">The network that was planned, with its weights.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="ProtocolException">A party did not start.</exception>
    public LocalProcesses(Network network, MpcPlan plan, TimeProvider clock, CancellationToken stop)
    {
        try
        {
            var random = new SystemSecureRandom();
            string kits = Path.Combine(_folder.FullName, "kits");
            new KitWriter(random, clock).Write(kits, KitRequest.Of(network, plan));
            foreach (PartyId party in PartyId.All)
            {
                _processes.Add(new PartyProcess(kits, party, _processes, StartLimit));
            }

            ClientKit kit = ClientKit.Open(Path.Combine(kits, "client", "plan.json"), _processes.ToDictionary(process => process.Party, process => process.Http));
            _client = new RemoteParties(kit, MpcPlanFile.Parse(kit.Plan.Span, "plan.json"), random, clock, stop);
            _client.WaitUntilReady(StartLimit);
        }
        catch
        {
            End();
            throw;
        }
    }

    /// <inheritdoc/>
    public TimeSpan ProcessorTime
    {
        get
        {
            using var self = Process.GetCurrentProcess();
            return _processes.Aggregate(self.TotalProcessorTime, (sum, process) => sum + process.ProcessorTime);
        }
    }

    /// <inheritdoc/>
    public long PeakMemoryBytes => _processes.Max(process => process.PeakMemoryBytes);

    /// <inheritdoc/>
    public PartyRun Predict(ReadOnlySpan<float> input) => _client.Predict(input);

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        End();
    }

    private void End()
    {
        _processes.ForEach(process => process.End());
        _processes.ForEach(process => process.Dispose());
        _folder.Delete(recursive: true);
    }

    private sealed class PartyProcess : IDisposable
    {
        private readonly Process _process;
        private readonly List<string> _log = [];
        private readonly ManualResetEventSlim _isKnown = new();
        private string? _links;
        private Uri? _http;

        public PartyProcess(string kits, PartyId party, IEnumerable<PartyProcess> others, TimeSpan limit)
        {
            Party = party;
            ProcessStartInfo start = OwnProgram.StartInfo(
            [
                "mpc", "party", "--plan", Path.Combine(kits, KitWriter.FolderOf(party), "plan.json"), "--id", $"{party.Index}", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0",
                "--rate", "1000000", "--timeout", "600", "--until-input-ends", "--quiet",
                .. others.SelectMany(other => new[] { "--peer", $"{other.Party.Index}={other._links}" }),
            ]);
            start.RedirectStandardInput = true;
            start.RedirectStandardOutput = true;
            start.RedirectStandardError = true;
            _process = new Process { StartInfo = start };
            _process.ErrorDataReceived += (_, line) => Take(line.Data);
            _process.OutputDataReceived += (_, _) => { };
            _process.Start();
            _process.BeginErrorReadLine();
            _process.BeginOutputReadLine();
            if (!_isKnown.Wait(limit) || _http is null)
            {
                End();
                Dispose();
                string last = string.Join(' ', _log.TakeLast(3));
                throw new ProtocolException($"party {party.Index} did not start: {(last.Length > 0 ? last : "it said nothing")}", "Run it by hand to see why: pellicle mpc party; or use --in-process.") { Party = party.Index };
            }
        }

        public PartyId Party { get; }

        public Uri Http => _http!;

        public TimeSpan ProcessorTime
        {
            get
            {
                _process.Refresh();
                return _process.TotalProcessorTime;
            }
        }

        public long PeakMemoryBytes
        {
            get
            {
                _process.Refresh();
                return _process.PeakWorkingSet64;
            }
        }

        public void End()
        {
            try
            {
                _process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has ended already.
            }
        }

        /// <summary>Waits for the end, and forces it if it does not come.</summary>
        public void Dispose()
        {
            if (!_process.WaitForExit(StopLimit))
            {
                _process.Kill();
            }

            _process.WaitForExit(); // until its output has been read to the end

            _process.Dispose();
            _isKnown.Dispose();
        }

        private void Take(string? line)
        {
            if (line is null)
            {
                _isKnown.Set();
                return;
            }

            lock (_log)
            {
                _log.Add(line);
            }

            if (line.StartsWith('{'))
            {
                JsonElement entry = JsonDocument.Parse(line).RootElement;
                string? address = entry.TryGetProperty("address", out JsonElement text) ? text.GetString() : null;
                switch (entry.GetProperty("event").GetString())
                {
                    case "started":
                        _links = address;
                        break;
                    case "listening":
                        _http = new Uri(address!);
                        _isKnown.Set();
                        break;
                    default:
                        break;
                }
            }
        }
    }
}
