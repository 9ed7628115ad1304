using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Http;
using Pellicle.Mpc.Kits;

namespace Pellicle.Mpc.Client;

/// <summary>Calls of a client to one party: <c>/v1/…</c> over HTTPS with the pinned certificate and this party's token.</summary>
internal sealed class PartyClient : IDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(60);

    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _http;
    private readonly string _pinned;
    private string? _presented;

    public PartyClient(ClientKit kit, PartyId party)
    {
        Party = party;
        _handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectLimit,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    bool isPinned = PartyCertificate.IsPinned(certificate, kit.Fingerprint(party));
                    _presented = isPinned || certificate is null ? null : PartyCertificate.Fingerprint(certificate)[..8];
                    return isPinned;
                },
            },
        };
        _http = new HttpClient(_handler) { BaseAddress = kit.Address(party), Timeout = CallLimit };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", kit.Token(party));
        _pinned = kit.Fingerprint(party)[..8];
    }

    public PartyId Party { get; }

    /// <summary>A party that does not even say how it is within a few seconds counts as not there.</summary>
    public async Task<PartyHealth> HealthAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(ConnectLimit);
        try
        {
            return await CallAsync<PartyHealth>(HttpMethod.Get, "/v1/health", null, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw Failure($"does not answer within {ConnectLimit.TotalSeconds:0} s", "Check that the party runs and is not stopped.");
        }
    }

    public Task<SessionStatus> AnnounceAsync(string session, string planHash, int batch, CancellationToken stop) =>
        CallAsync<SessionStatus>(HttpMethod.Post, "/v1/sessions", JsonContent.Create(new SessionRequest(session, planHash, batch), options: PellicleJson.Line), stop);

    /// <summary>Sends this party's part of the input and waits up to a few seconds for the end of the session: no request disturbs the parties while they compute.</summary>
    public Task<SessionStatus> SendInputAsync(string session, byte[] body, int waitSeconds, CancellationToken stop) =>
        CallAsync<SessionStatus>(HttpMethod.Put, $"/v1/sessions/{session}/input?wait={waitSeconds}", new ByteArrayContent(body), stop);

    /// <summary>Waits up to a few seconds for the end of a session.</summary>
    public Task<SessionStatus> StatusAsync(string session, int waitSeconds, CancellationToken stop) => CallAsync<SessionStatus>(HttpMethod.Get, $"/v1/sessions/{session}?wait={waitSeconds}", null, stop);

    public async Task<byte[]> ResultAsync(string session, CancellationToken stop)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, $"/v1/sessions/{session}/result", null, stop).ConfigureAwait(false);
        return await Guarded(() => response.Content.ReadAsByteArrayAsync(stop), stop).ConfigureAwait(false);
    }

    public async Task WithdrawAsync(string session, CancellationToken stop)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Delete, $"/v1/sessions/{session}", null, stop).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
    }

    private async Task<T> CallAsync<T>(HttpMethod method, string path, HttpContent? content, CancellationToken stop)
    {
        using HttpResponseMessage response = await SendAsync(method, path, content, stop).ConfigureAwait(false);
        return await Guarded(() => response.Content.ReadFromJsonAsync<T>(PellicleJson.Line, stop), stop).ConfigureAwait(false)
            ?? throw Failure("gave an empty answer", "Check the address.");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        HttpResponseMessage response = await Guarded(() => _http.SendAsync(request, stop), stop).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            ApiError error = await ErrorOf(response, stop).ConfigureAwait(false);
            throw Failure($"refuses: {error.Message}", error.Hint);
        }
    }

    private static async Task<ApiError> ErrorOf(HttpResponseMessage response, CancellationToken stop)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<ApiError>(PellicleJson.Line, stop).ConfigureAwait(false) is { Message: not null } error ? error : new ApiError($"HTTP {(int)response.StatusCode}", "");
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or NotSupportedException or IOException)
        {
            return new ApiError($"HTTP {(int)response.StatusCode}", "Check that the address is the --http address of a party.");
        }
    }

    private async Task<T> Guarded<T>(Func<Task<T>> call, CancellationToken stop)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (HttpRequestException) when (_presented is not null)
        {
            throw Failure($"shows a certificate with fingerprint {_presented}; expected {_pinned}", "Use the client folder of the kits that the parties run, and check the addresses.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            string cause = e is OperationCanceledException ? $"nothing came for {CallLimit.TotalSeconds:0} s" : (e.InnerException ?? e).Message.TrimEnd('.');
            throw Failure($"does not answer: {cause}", "Check that the party runs (its log says where it listens), and the address in kit.json of the client.", e);
        }
    }

    private ProtocolException Failure(string what, string hint, Exception? inner = null) =>
        new($"party {Party.Index} at {_http.BaseAddress!.GetLeftPart(UriPartial.Authority)} {what.TrimEnd('.')}.", hint, inner: inner) { Party = Party.Index };
}
