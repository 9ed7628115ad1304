namespace Pellicle.Cli.Doctor;

/// <summary>One line of <c>doctor</c>.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Status">How it is.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Hint">What to do if it is not ok; otherwise empty.</param>
internal sealed record DoctorCheck(string Name, DoctorStatus Status, string Detail, string Hint = "");

/// <summary>How a check ended.</summary>
internal enum DoctorStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, but slower or with less room than it should.</summary>
    Warning,

    /// <summary>Something needed is not there: exit code 3.</summary>
    Missing,
}
