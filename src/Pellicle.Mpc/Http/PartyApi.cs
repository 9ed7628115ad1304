using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Pellicle.Formats.Json;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Links;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Http;

/// <summary>The calls of clients: health, plan, sessions, input, result.</summary>
internal sealed class PartyApi(PartyKit kit, PartyProgram program, PartyServerOptions options, SessionTable sessions, PartyMesh mesh, PartyLog log, TimeProvider clock)
{
    /// <summary>Largest body of a request other than the input.</summary>
    public const int MostRequestBytes = 4096;

    private const int LongestWaitSeconds = 30;
    private const string Client = "client";

    private readonly ClientLimits _limits = new(options.Limits.Rate, clock);
    private readonly long _start = clock.GetTimestamp();

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/health", Health);
        app.MapGet("/v1/plan", Authorised(context => context.Response.Body.WriteAsync(kit.Plan, context.RequestAborted).AsTask(), "application/json"));
        app.MapPost("/v1/sessions", Authorised(CreateSession));
        app.MapPut("/v1/sessions/{id}/input", Authorised(PutInput));
        app.MapGet("/v1/sessions/{id}", Authorised(Status));
        app.MapGet("/v1/sessions/{id}/result", Authorised(Result));
        app.MapDelete("/v1/sessions/{id}", Authorised(Withdraw));
    }

    /// <summary>Bytes of the input of a session: a hash of each slot that the party holds, then the slots, seeds where they are uniform.</summary>
    public static long InputBytes(PartyId party, int count, MpcProtocol protocol = MpcProtocol.Replicated3)
    {
        ShareLayout layout = protocol.Scheme().Input;
        return layout.Holders[party.Index].Sum(slot => SHA256.HashSizeInBytes + SlotBytes(layout.Slots[slot], count));
    }

    private Task Health(HttpContext context)
    {
        IReadOnlyList<string> problems = mesh.Problems;
        return Json(context, StatusCodes.Status200OK, new PartyHealth(
            problems.Count == 0 ? "ready" : "connecting", kit.Party.Index, program.Protocol.Name(), program.PlanHash, sessions.QueueLength, sessions.Running,
            Math.Round(clock.GetElapsedTime(_start).TotalSeconds, 1), options.Version, problems));
    }

    private async Task CreateSession(HttpContext context)
    {
        SessionRequest? request = await Read(context).ConfigureAwait(false);
        if (request is null || !IsId(request.SessionId))
        {
            await Violation(context, StatusCodes.Status400BadRequest, "the request is no announcement of a session.", "Send {\"sessionId\": 32 hexadecimal digits, \"planHash\": …, \"batch\": …}.").ConfigureAwait(false);
            return;
        }

        string client = ClientOf(context);
        if (request.PlanHash != program.PlanHash || request.Batch != program.Batch)
        {
            await Refuse(
                context, StatusCodes.Status409Conflict,
                request.PlanHash != program.PlanHash ? $"the client has plan {Short(request.PlanHash)}, party {kit.Party.Index} has {Short(program.PlanHash)}." : $"the session has a batch of {request.Batch}; the plan has {program.Batch}.",
                "Use the client folder of the kits that the parties run.").ConfigureAwait(false);
            return;
        }

        if (!_limits.TryStart(client))
        {
            await Refuse(context, StatusCodes.Status429TooManyRequests, $"more than {options.Limits.Rate} sessions in a minute.", "Wait a minute, or start the party with a larger --rate.").ConfigureAwait(false);
            return;
        }

        await (sessions.Create(request.SessionId!, client) switch
        {
            SessionAdmission.Created => Json(context, StatusCodes.Status201Created, new SessionStatus("waiting")),
            SessionAdmission.IdUsed => Refuse(context, StatusCodes.Status409Conflict, "the session id was used before.", "Draw a new id for every session."),
            SessionAdmission.QueueFull => Refuse(context, StatusCodes.Status429TooManyRequests, $"{options.Limits.Queue} sessions are waiting already.", "Try again later."),
            _ => Refuse(context, StatusCodes.Status503ServiceUnavailable, $"party {kit.Party.Index} is stopping.", "Try again when it runs again."),
        }).ConfigureAwait(false);
    }

    private async Task PutInput(HttpContext context)
    {
        if (Find(context) is not { } session || !sessions.TryBeginUpload(session))
        {
            await Refuse(context, StatusCodes.Status409Conflict, "the session does not wait for an input.", "Announce a new session first; its input is taken once.").ConfigureAwait(false);
            return;
        }

        long expected = InputBytes(kit.Party, program.InputCount, program.Protocol);
        if (context.Request.ContentLength != expected)
        {
            await Garbage(context, session, StatusCodes.Status400BadRequest, $"the input has {context.Request.ContentLength?.ToString(CultureInfo.InvariantCulture) ?? "an unknown number of"} bytes; expected {expected}.").ConfigureAwait(false);
            return;
        }

        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = expected;
        byte[] body = GC.AllocateUninitializedArray<byte>((int)expected);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(options.Limits.Body);
        try
        {
            await context.Request.Body.ReadExactlyAsync(body, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            context.Response.Headers.Connection = "close";
            await Garbage(context, session, StatusCodes.Status408RequestTimeout, $"the input did not come within {options.Limits.Body.TotalSeconds:0.#} s.").ConfigureAwait(false);
            return;
        }

        (SharedTensor input, byte[][] hashes, bool isIntact) = Unpack(body);
        CryptographicOperations.ZeroMemory(body);
        if (!isIntact)
        {
            session.Forget(input);
            await Garbage(context, session, StatusCodes.Status400BadRequest, "the input does not have the SHA-256 that it names.").ConfigureAwait(false);
            return;
        }

        if (sessions.Accept(session, input, hashes))
        {
            if (context.Request.Query.ContainsKey("wait"))
            {
                await AnswerWithStatus(context, session).ConfigureAwait(false);
                return;
            }

            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            await Refuse(context, StatusCodes.Status409Conflict, "the session has ended meanwhile.", "Start a new session.").ConfigureAwait(false);
        }
    }

    private async Task Status(HttpContext context)
    {
        if (Find(context) is not { } session)
        {
            await Unknown(context).ConfigureAwait(false);
            return;
        }

        await AnswerWithStatus(context, session).ConfigureAwait(false);
    }

    // As soon as the session is over, or after the seconds that the caller would wait.
    private static async Task AnswerWithStatus(HttpContext context, PartySession session)
    {
        int.TryParse(context.Request.Query["wait"], NumberStyles.None, CultureInfo.InvariantCulture, out int seconds);
        try
        {
            await session.Finished.Task.WaitAsync(TimeSpan.FromSeconds(Math.Min(seconds, LongestWaitSeconds)), context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // Not finished yet: the state says so.
        }

        string state = JsonNamingPolicy.CamelCase.ConvertName(session.State.ToString());
        await Json(context, StatusCodes.Status200OK, new SessionStatus(state, session.State == SessionState.Running ? session.Step : null, session.Layer, session.Failure, session.State == SessionState.Done ? session.Layers : null)).ConfigureAwait(false);
    }

    private async Task Result(HttpContext context)
    {
        if (Find(context) is not { } session)
        {
            await Unknown(context).ConfigureAwait(false);
            return;
        }

        if (sessions.TakeResult(session) is not { } result)
        {
            await Refuse(context, StatusCodes.Status409Conflict, $"the session has no result: it is {JsonNamingPolicy.CamelCase.ConvertName(session.State.ToString())}.", session.Failure ?? "Wait until it is done; a result is given once.").ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = (long)result.SlotCount * sizeof(ulong) * result.Count;
        for (int s = 0; s < result.SlotCount; s++)
        {
            await context.Response.Body.WriteAsync(MemoryMarshal.AsBytes(result.Slot(s).AsSpan()).ToArray(), context.RequestAborted).ConfigureAwait(false);
        }

        session.Forget(result);
    }

    private async Task Withdraw(HttpContext context)
    {
        if (Find(context) is not { } session)
        {
            await Unknown(context).ConfigureAwait(false);
            return;
        }

        sessions.Withdraw(session);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // Seeds are expanded here, so that both holders of a slot hash the same bytes.
    private (SharedTensor Input, byte[][] Hashes, bool IsIntact) Unpack(ReadOnlySpan<byte> body)
    {
        const int hashBytes = SHA256.HashSizeInBytes;
        ShareLayout layout = program.Protocol.Scheme().Input;
        ShareSlot[] slots = [.. layout.Holders[kit.Party.Index].Select(slot => layout.Slots[slot])];
        ReadOnlySpan<byte> rest = body[(slots.Length * hashBytes)..];
        byte[][] hashes = new byte[slots.Length][];
        var values = new ulong[slots.Length][];
        bool isIntact = true;
        for (int s = 0; s < slots.Length; s++)
        {
            hashes[s] = body.Slice(s * hashBytes, hashBytes).ToArray();
            ReadOnlySpan<byte> part = rest[..(int)SlotBytes(slots[s], program.InputCount)];
            rest = rest[part.Length..];
            values[s] = !slots[s].IsSeed ? MemoryMarshal.Cast<byte, ulong>(part).ToArray() : ShareExpansion.Slot(part, 0, program.InputCount);
            isIntact &= CryptographicOperations.FixedTimeEquals(SHA256.HashData(MemoryMarshal.AsBytes(values[s].AsSpan())), hashes[s]);
        }

        return (new SharedTensor(program.InputCount, values), hashes, isIntact);
    }

    private static long SlotBytes(ShareSlot slot, int count) => slot.IsSeed ? PairwiseSeed.KeyBytes : sizeof(ulong) * (long)count;

    private RequestDelegate Authorised(RequestDelegate next, string? contentType = null) => async context =>
    {
        if (TokenOwner(context) is not { } client)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await Refuse(context, StatusCodes.Status401Unauthorized, "the token is missing or unknown.", "Send 'Authorization: Bearer TOKEN' with this party's token of the client's kit.").ConfigureAwait(false);
            return;
        }

        if (_limits.IsBlocked(client))
        {
            await Refuse(context, StatusCodes.Status429TooManyRequests, "the token is blocked for 10 minutes after repeated invalid requests.", "Mend the client, then wait.").ConfigureAwait(false);
            return;
        }

        context.Items[Client] = client;
        context.Response.ContentType = contentType;
        await next(context).ConfigureAwait(false);
    };

    // Every known token is compared, in constant time: how long it takes does not depend on the token.
    private string? TokenOwner(HttpContext context)
    {
        const string scheme = "Bearer ";
        string header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(scheme, StringComparison.Ordinal))
        {
            return null;
        }

        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(header[scheme.Length..]));
        string? owner = null;
        foreach (AllowedClient client in kit.Clients)
        {
            owner = CryptographicOperations.FixedTimeEquals(Convert.FromHexString(client.TokenSha256), hash) ? client.Name : owner;
        }

        return owner;
    }

    private async Task<SessionRequest?> Read(HttpContext context)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(options.Limits.Body);
        try
        {
            return await JsonSerializer.DeserializeAsync<SessionRequest>(context.Request.Body, PellicleJson.Line, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or IOException or OperationCanceledException or BadHttpRequestException)
        {
            return null;
        }
    }

    private PartySession? Find(HttpContext context) => context.Request.RouteValues["id"] is string id && IsId(id) ? sessions.Find(id, ClientOf(context)) : null;

    private static bool IsId(string? id) => id is { Length: 2 * SessionOpening.SessionBytes } && id.All(char.IsAsciiHexDigitLower);

    private static string ClientOf(HttpContext context) => (string)context.Items[Client]!;

    private static string Short(string? hash) => hash is null ? "none" : hash[..Math.Min(8, hash.Length)];

    private static Task Unknown(HttpContext context) => Refuse(context, StatusCodes.Status404NotFound, "there is no such session, or its result was fetched.", "Start a new session.");

    private Task Garbage(HttpContext context, PartySession session, int status, string message)
    {
        sessions.Fail(session, message);
        return Violation(context, status, message, "Check that client and parties run the same version.");
    }

    private Task Violation(HttpContext context, int status, string message, string hint)
    {
        bool isBlocked = _limits.CountViolation(ClientOf(context));
        log.Write(new PartyEvent(isBlocked ? "blocked" : "refused") { Client = ClientOf(context), State = status.ToString(CultureInfo.InvariantCulture) });
        return Refuse(context, status, message, hint);
    }

    private static Task Refuse(HttpContext context, int status, string message, string hint) => Json(context, status, new ApiError(message, hint));

    private static Task Json<T>(HttpContext context, int status, T body)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return Task.CompletedTask;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, body, PellicleJson.Line, context.RequestAborted);
    }
}
