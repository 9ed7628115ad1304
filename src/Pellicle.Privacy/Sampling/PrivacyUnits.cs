using Pellicle.Core.Errors;

namespace Pellicle.Privacy.Sampling;

/// <summary>Which records belong to which unit.</summary>
public sealed class PrivacyUnits
{
    private readonly int[] _records;
    private readonly int[] _starts;

    private PrivacyUnits(PrivacyUnit kind, int[] records, int[] starts)
    {
        Kind = kind;
        _records = records;
        _starts = starts;
    }

    /// <summary>What one unit is.</summary>
    public PrivacyUnit Kind { get; }

    /// <summary>Number of units.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>Number of records of the largest unit; 0 if there are none.</summary>
    public int LargestUnit
    {
        get
        {
            int largest = 0;
            for (int u = 0; u < Count; u++)
            {
                largest = Math.Max(largest, _starts[u + 1] - _starts[u]);
            }

            return largest;
        }
    }

    /// <summary>Each record is a unit of its own.</summary>
    /// <param name="records">Record numbers, as the data set counts them.</param>
    public static PrivacyUnits OfImages(IReadOnlyList<int> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        return new PrivacyUnits(PrivacyUnit.Image, [.. records], [.. Enumerable.Range(0, records.Count + 1)]);
    }

    /// <summary>The records of one patient are one unit; units in order of first appearance.</summary>
    /// <param name="records">Record numbers, as the data set counts them.</param>
    /// <param name="patients">Patient of each entry of <paramref name="records"/>.</param>
    /// <exception cref="DataFormatException">Some records have no patient: the patient unit would not cover them; gives the count.</exception>
    public static PrivacyUnits OfPatients(IReadOnlyList<int> records, IReadOnlyList<string?> patients)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(patients);
        if (records.Count != patients.Count)
        {
            throw new ArgumentException($"{records.Count} records but {patients.Count} patients were given.", nameof(patients));
        }

        int missing = patients.Count(string.IsNullOrWhiteSpace);
        if (missing > 0)
        {
            throw new DataFormatException(
                $"{missing} of {records.Count} training images have no patient id, so they belong to no patient unit.",
                "Give the column with --patient-column, complete it, leave those images out, or use --unit image.");
        }

        var groups = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var order = new List<List<int>>();
        for (int i = 0; i < records.Count; i++)
        {
            if (!groups.TryGetValue(patients[i]!, out List<int>? group))
            {
                groups[patients[i]!] = group = [];
                order.Add(group);
            }

            group.Add(records[i]);
        }

        int[] starts = new int[order.Count + 1];
        for (int u = 0; u < order.Count; u++)
        {
            starts[u + 1] = starts[u] + order[u].Count;
        }

        return new PrivacyUnits(PrivacyUnit.Patient, [.. order.SelectMany(g => g)], starts);
    }

    /// <summary>The records of one unit.</summary>
    /// <param name="unit">0 … Count − 1.</param>
    public ReadOnlySpan<int> RecordsOf(int unit) => _records.AsSpan(_starts[unit], _starts[unit + 1] - _starts[unit]);
}
