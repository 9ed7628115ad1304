using Pellicle.Mpc.Party;

namespace Pellicle.Mpc.Http;

/// <summary>Body of <c>POST /v1/sessions</c>.</summary>
/// <param name="SessionId">32 lower-case hexadecimal digits, fresh; the same at all parties.</param>
/// <param name="PlanHash">SHA-256 of the client's plan.</param>
/// <param name="Batch">Images; as in the plan.</param>
internal sealed record SessionRequest(string? SessionId, string? PlanHash, int Batch);

/// <summary>Answer of <c>GET /v1/sessions/{id}</c>.</summary>
/// <param name="State">waiting, queued, running, done, failed.</param>
/// <param name="Step">Step of the protocol, while it runs.</param>
/// <param name="Layer">Layer of the plan, once it runs.</param>
/// <param name="Message">Why it failed.</param>
/// <param name="Layers">What the party counted after each layer, once it is done.</param>
internal sealed record SessionStatus(string State, uint? Step = null, string? Layer = null, string? Message = null, IReadOnlyList<LayerState>? Layers = null);

/// <summary>Answer of <c>GET /v1/health</c>.</summary>
/// <param name="Status">ready, or connecting while a link to another party is missing.</param>
/// <param name="Party">0, 1 or 2.</param>
/// <param name="Protocol">Name of the protocol.</param>
/// <param name="PlanHash">SHA-256 of the plan.</param>
/// <param name="Queue">Sessions that wait.</param>
/// <param name="Sessions">Sessions that run.</param>
/// <param name="UptimeSeconds">Since the start of the process.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Problems">What is missing.</param>
internal sealed record PartyHealth(string Status, int Party, string Protocol, string PlanHash, int Queue, int Sessions, double UptimeSeconds, string Version, IReadOnlyList<string> Problems);

/// <summary>Body of every refusal.</summary>
/// <param name="Message">What was wrong.</param>
/// <param name="Hint">What to do.</param>
internal sealed record ApiError(string Message, string Hint);
