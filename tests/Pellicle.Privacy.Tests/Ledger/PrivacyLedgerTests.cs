using System.Text.Json.Nodes;
using Pellicle.Core.Errors;
using Pellicle.Privacy.Ledger;

namespace Pellicle.Privacy.Tests.Ledger;

public sealed class PrivacyLedgerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-ledger-").FullName;

    private string LedgerPath => Path.Combine(_folder, "ledger.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Steps_are_reserved_in_blocks_that_end_at_fixed_steps()
    {
        using (PrivacyLedger ledger = Create())
        {
            TakeSteps(ledger, 1, 150);
            Assert.Equal(150, ledger.Steps);
        }

        LedgerContent content = LedgerContent.Read(LedgerPath);
        Assert.Equal([(1L, 64L), (65L, 64L), (129L, 22L)], content.Events.Select(e => (e.Step, e.Count)));
        Assert.Equal(7, content.Plan["n"]!.GetValue<int>());
    }

    [Fact]
    public void A_resumed_ledger_is_byte_for_byte_that_of_an_uninterrupted_run()
    {
        using (PrivacyLedger ledger = Create())
        {
            TakeSteps(ledger, 1, 150);
        }

        byte[] uninterrupted = File.ReadAllBytes(LedgerPath);
        File.Delete(LedgerPath);
        using (PrivacyLedger ledger = Create())
        {
            TakeSteps(ledger, 1, 70, of: 150);
        }

        using (PrivacyLedger ledger = PrivacyLedger.Open(LedgerPath).Ledger)
        {
            TakeSteps(ledger, 40, 150); // the checkpoint lay before the last recorded step
        }

        Assert.Equal(uninterrupted, File.ReadAllBytes(LedgerPath));
    }

    [Fact]
    public void A_line_cut_off_by_a_kill_is_dropped_because_its_steps_were_not_taken()
    {
        using (PrivacyLedger ledger = Create())
        {
            TakeSteps(ledger, 1, 128);
        }

        byte[] whole = File.ReadAllBytes(LedgerPath);
        File.WriteAllBytes(LedgerPath, whole[..^5]);
        (PrivacyLedger resumed, LedgerContent content) = PrivacyLedger.Open(LedgerPath);
        using (resumed)
        {
            Assert.Equal(64, content.Steps);
            TakeSteps(resumed, 65, 128);
        }

        Assert.Equal(whole, File.ReadAllBytes(LedgerPath));
    }

    [Theory]
    [InlineData("1.3", "0.3")]
    [InlineData("\"count\":64", "\"count\":1")]
    [InlineData("\"n\":7", "\"n\":9")]
    public void A_changed_line_breaks_the_chain(string original, string replacement)
    {
        using (PrivacyLedger ledger = Create())
        {
            TakeSteps(ledger, 1, 200);
        }

        string text = File.ReadAllText(LedgerPath);
        int at = text.IndexOf(original, StringComparison.Ordinal);
        File.WriteAllText(LedgerPath, string.Concat(text.AsSpan(0, at), replacement, text.AsSpan(at + original.Length)));
        var error = Assert.Throws<LedgerException>(() => PrivacyLedger.Open(LedgerPath));
        Assert.Contains("broken at line", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_removed_line_breaks_the_chain()
    {
        using (PrivacyLedger ledger = Create())
        {
            TakeSteps(ledger, 1, 200);
        }

        string[] lines = File.ReadAllLines(LedgerPath);
        File.WriteAllText(LedgerPath, string.Join('\n', lines.Where((_, i) => i != 2)) + "\n");
        Assert.Throws<LedgerException>(() => LedgerContent.Read(LedgerPath));
    }

    [Fact]
    public void A_missing_ledger_blocks_the_run()
    {
        var error = Assert.Throws<LedgerException>(() => PrivacyLedger.Open(LedgerPath));
        Assert.Equal(FailureKind.PrivacyRefused, error.Kind);
    }

    [Fact]
    public void A_second_holder_of_one_ledger_is_refused()
    {
        using PrivacyLedger first = Create();
        var error = Assert.Throws<LedgerException>(() => PrivacyLedger.Open(LedgerPath));
        Assert.Contains("another process", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_can_not_be_reserved_before_the_ones_in_front_of_it()
    {
        using PrivacyLedger ledger = Create();
        Assert.Throws<InvalidOperationException>(() => ledger.Reserve(2, 10, 0.1, 1.3));
    }

    [Fact]
    public void Random_damage_gives_a_ledger_error_or_an_equal_prefix_and_never_anything_else()
    {
        using (PrivacyLedger ledger = Create())
        {
            TakeSteps(ledger, 1, 300);
        }

        byte[] whole = File.ReadAllBytes(LedgerPath);
        var random = new Random(5);
        for (int trial = 0; trial < 300; trial++)
        {
            byte[] damaged = [.. whole];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(LedgerPath, damaged[..random.Next(1, damaged.Length + 1)]);
            try
            {
                LedgerContent content = LedgerContent.Read(LedgerPath);
                Assert.InRange(content.Steps, 0, 300);
            }
            catch (LedgerException)
            {
                continue;
            }
        }
    }

    private PrivacyLedger Create() => PrivacyLedger.Create(LedgerPath, new JsonObject { ["n"] = 7, ["version"] = "test" });

    private static void TakeSteps(PrivacyLedger ledger, long first, long last, long? of = null)
    {
        for (long step = first; step <= last; step++)
        {
            ledger.Reserve(step, of ?? last, 0.1, 1.3);
        }
    }
}
