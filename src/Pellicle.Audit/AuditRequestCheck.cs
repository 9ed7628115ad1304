using Pellicle.Audit.Canaries;
using Pellicle.Core.Errors;

namespace Pellicle.Audit;

/// <summary>Finds all problems of an audit request before work starts.</summary>
internal static class AuditRequestCheck
{
    public static void Require(AuditRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var problems = new List<Problem>();
        if (request.Attacks.Count == 0)
        {
            problems.Add(new Problem("--attack", "no attack is named; expected loss, canary or both.", "Leave --attack out for the loss attack."));
        }

        foreach (string attack in request.Attacks.Where(a => a is not ("loss" or "canary")))
        {
            problems.Add(attack == "lira"
                ? new Problem("--attack", "'lira' is not in this version: it needs shadow models.", "Use loss, or canary, which gives a bound without shadow models.")
                : new Problem("--attack", $"'{attack}' is no attack; expected loss or canary.", "Use loss, canary or both."));
        }

        if (request.Attacks.Distinct().Count() < request.Attacks.Count)
        {
            problems.Add(new Problem("--attack", "an attack is named twice.", "Name each once."));
        }

        if (!(request.Confidence > 0 && request.Confidence < 1))
        {
            problems.Add(new Problem("--confidence", $"the confidence is {request.Confidence}; expected a number between 0 and 1.", "0.95 is usual."));
        }

        if (request.Canaries < CanarySet.Fewest && request.Attacks.Contains("canary"))
        {
            problems.Add(new Problem("--canaries", $"{request.Canaries} canaries can show nothing; expected at least {CanarySet.Fewest}.", "1000 canaries can show an epsilon up to about 5.5."));
        }

        if (problems.Count > 0)
        {
            throw new UsageException(problems[0].Message, problems[0].Hint, problems);
        }
    }
}
