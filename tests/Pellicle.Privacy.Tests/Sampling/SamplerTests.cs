using Pellicle.Core.Errors;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Privacy.Tests.Sampling;

/// <summary>Keys are fixed seeds, so every statistical test is deterministic; the stated rate is that of a fresh key.</summary>
public class SamplerTests
{
    private static RunKey Key(ulong seed) => RunKey.FromInsecureSeed(new InsecureSeed(seed));

    private static PrivacyUnits Images(int n) => PrivacyUnits.OfImages([.. Enumerable.Range(100, n)]);

    [Fact]
    public void Poisson_inclusion_rates_are_those_of_q_with_a_false_alarm_rate_of_1_in_a_million()
    {
        const int Units = 200;
        const int Steps = 2000;
        const double Rate = 0.3;
        var sampler = new PoissonSampler(Images(Units), Rate, 1, Key(1));
        int[] counts = new int[Units];
        for (int step = 1; step <= Steps; step++)
        {
            foreach (int unit in sampler.Sample(step).Units)
            {
                counts[unit]++;
            }
        }

        // Sum of 200 squared standardised binomials: chi-square with 200 degrees of freedom, P(X > 306.9) = 1e-6.
        double chiSquare = counts.Sum(c => Math.Pow(c - Steps * Rate, 2) / (Steps * Rate * (1 - Rate)));
        Assert.True(chiSquare < 306.9, $"{chiSquare}");
        Assert.True(chiSquare > 116, $"{chiSquare}: too even for independent draws, P < 1e-6");
    }

    [Fact]
    public void Poisson_batch_sizes_are_binomial_and_empty_batches_occur_as_often_as_they_should()
    {
        const int Units = 20;
        const double Rate = 0.1;
        const int Steps = 4000;
        var sampler = new PoissonSampler(Images(Units), Rate, 1, Key(2));
        int empty = 0;
        double sum = 0;
        double squares = 0;
        for (int step = 1; step <= Steps; step++)
        {
            SampledBatch batch = sampler.Sample(step);
            empty += batch.Units.Count == 0 ? 1 : 0;
            Assert.Equal(batch.Units.Count, batch.Records.Count);
            sum += batch.Units.Count;
            squares += batch.Units.Count * (double)batch.Units.Count;
        }

        // P(empty) = 0.9^20 = 0.1216; five standard deviations: false alarm below 1e-6.
        double p = Math.Pow(1 - Rate, Units);
        Assert.InRange(empty, Steps * p - 5 * Math.Sqrt(Steps * p * (1 - p)), Steps * p + 5 * Math.Sqrt(Steps * p * (1 - p)));
        double mean = sum / Steps;
        double variance = squares / Steps - mean * mean;
        Assert.Equal(Units * Rate, mean, 5 * Math.Sqrt(Units * Rate * (1 - Rate) / Steps));
        Assert.Equal(Units * Rate * (1 - Rate), variance, 0.25);
    }

    [Fact]
    public void Trap_17_the_rate_is_compared_in_64_bits_and_never_above_q()
    {
        Assert.Equal(0UL, PoissonSampler.Threshold(0));
        Assert.Equal(1UL << 63, PoissonSampler.Threshold(0.5));
        Assert.Equal((ulong)(0.1 * 18446744073709551616.0), PoissonSampler.Threshold(0.1));
        Assert.Equal(184467440737UL, PoissonSampler.Threshold(1e-8)); // a 24-bit uniform would give 0 or 5.96e-8
        Assert.True(PoissonSampler.Threshold(Math.BitDecrement(1.0)) < ulong.MaxValue);
        Assert.Equal(57, new PoissonSampler(Images(57), 1, 1, Key(3)).Sample(1).Units.Count);
        Assert.Empty(new PoissonSampler(Images(57), 0, 1, Key(3)).Sample(1).Units);
    }

    [Fact]
    public void A_resumed_sampler_draws_what_the_uninterrupted_one_drew()
    {
        PrivacyUnits units = PrivacyUnits.OfPatients([.. Enumerable.Range(0, 90)], [.. Enumerable.Range(0, 90).Select(i => (string?)$"p{i % 13}")]);
        foreach (Func<RunKey, BatchSampler> make in new Func<RunKey, BatchSampler>[]
        {
            key => new PoissonSampler(units, 0.4, 3, key), key => new FixedSizeSampler(units, 5, 3, key), key => new ShuffledSampler(units, 4, 3, key), key => new FullBatchSampler(units, 3, key),
        })
        {
            BatchSampler whole = make(Key(4));
            List<SampledBatch> expected = [.. Enumerable.Range(1, 20).Select(step => whole.Sample(step))];
            RunKey key = Key(4);
            key.Advance(11);
            BatchSampler resumed = make(key);
            for (int step = 11; step <= 20; step++)
            {
                SampledBatch batch = resumed.Sample(step);
                Assert.Equal(expected[step - 1].Units, batch.Units);
                Assert.Equal(expected[step - 1].Records, batch.Records);
            }
        }
    }

    [Fact]
    public void A_patient_brings_at_most_m_images_each_equally_often()
    {
        // Patient a has 7 images, b has 2; at most 3 per step.
        PrivacyUnits units = PrivacyUnits.OfPatients([.. Enumerable.Range(0, 9)], ["a", "b", "a", "a", "a", "b", "a", "a", "a"]);
        Assert.Equal(2, units.Count);
        Assert.Equal(7, units.LargestUnit);
        var sampler = new FullBatchSampler(units, 3, Key(5));
        int[] counts = new int[9];
        const int Steps = 1400;
        for (int step = 1; step <= Steps; step++)
        {
            SampledBatch batch = sampler.Sample(step);
            Assert.Equal([0, 0, 0, 1, 1], batch.UnitOfRecord);
            Assert.Equal(batch.Records.Count, batch.Records.Distinct().Count());
            foreach (int record in batch.Records)
            {
                counts[record]++;
            }
        }

        Assert.Equal(Steps, counts[1]);
        Assert.Equal(Steps, counts[5]);
        // Each of the 7 joins with probability 3/7; five standard deviations.
        double deviation = 5 * Math.Sqrt(Steps * 3.0 / 7 * 4 / 7);
        Assert.All(new[] { 0, 2, 3, 4, 6, 7, 8 }, i => Assert.InRange(counts[i], 600 - deviation, 600 + deviation));
    }

    [Fact]
    public void Fixed_size_batches_have_their_size_and_even_rates()
    {
        var sampler = new FixedSizeSampler(Images(30), 6, 1, Key(6));
        int[] counts = new int[30];
        for (int step = 1; step <= 1000; step++)
        {
            SampledBatch batch = sampler.Sample(step);
            Assert.Equal(6, batch.Units.Distinct().Count());
            foreach (int unit in batch.Units)
            {
                counts[unit]++;
            }
        }

        double deviation = 5.5 * Math.Sqrt(1000 * 0.2 * 0.8); // 30 counts: false alarm below 1.2e-6
        Assert.All(counts, c => Assert.InRange(c, 200 - deviation, 200 + deviation));
    }

    [Fact]
    public void Shuffled_epochs_use_every_unit_once_in_changing_order()
    {
        var sampler = new ShuffledSampler(Images(10), 4, 1, Key(7));
        Assert.Equal(3, sampler.StepsPerEpoch);
        int[] first = [.. Enumerable.Range(1, 3).SelectMany(step => sampler.Sample(step).Units)];
        int[] second = [.. Enumerable.Range(4, 3).SelectMany(step => sampler.Sample(step).Units)];
        Assert.Equal(Enumerable.Range(0, 10), first.Order());
        Assert.Equal(Enumerable.Range(0, 10), second.Order());
        Assert.NotEqual(first, second);
        Assert.Equal(2, sampler.Sample(6).Units.Count);
    }

    [Fact]
    public void Records_keep_the_numbers_of_the_data_set() =>
        Assert.Equal([100, 101, 102], new FullBatchSampler(Images(3), 1, Key(8)).Sample(1).Records);

    [Fact]
    public void Images_without_a_patient_make_the_patient_unit_an_error_with_their_count()
    {
        var error = Assert.Throws<DataFormatException>(() => PrivacyUnits.OfPatients([0, 1, 2, 3], ["a", null, " ", "b"]));
        Assert.Contains("2 of 4", error.Message, StringComparison.Ordinal);
    }
}
