namespace Pellicle.Core.Errors;

/// <summary>Why a command ended without doing all it was asked to. Each kind has one documented exit code.</summary>
public enum FailureKind
{
    /// <summary>A bug: exit code 1.</summary>
    Unexpected = 1,

    /// <summary>Wrong usage or configuration: exit code 2.</summary>
    Usage = 2,

    /// <summary>Input data, model file or environment unusable: exit code 3.</summary>
    Input = 3,

    /// <summary>Refused for privacy: exit code 4.</summary>
    PrivacyRefused = 4,

    /// <summary>Finished, but a gate the user asked for failed: exit code 5.</summary>
    GateFailed = 5,

    /// <summary>Another party is unreachable, out of step, or sent something invalid: exit code 6.</summary>
    Party = 6,

    /// <summary>Interrupted by the user; checkpoint and ledger are written: exit code 130.</summary>
    Interrupted = 130,
}
