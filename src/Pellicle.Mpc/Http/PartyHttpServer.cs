using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Party;

namespace Pellicle.Mpc.Http;

/// <summary>The HTTP address of a party: Kestrel with nothing but our own routes; no configuration files, no environment, no logging of requests.</summary>
internal sealed class PartyHttpServer : IDisposable
{
    private const int MostHeaderBytes = 16 * 1024;

    private readonly WebApplication _app;
    private readonly PartyServerOptions _options;

    public PartyHttpServer(PartyKit kit, PartyProgram program, PartyServerOptions options, SessionTable sessions, PartyMesh mesh, PartyLog log, TimeProvider clock)
    {
        _options = options;
        var api = new PartyApi(kit, program, options, sessions, mesh, log, clock);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, kit));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddRoutingCore();
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. options.AllowedOrigins]).WithMethods("GET", "POST", "PUT", "DELETE").WithHeaders("authorization", "content-type")));
        _app = builder.Build();
        _app.UseRouting();
        _app.UseCors();
        api.Map(_app);
    }

    /// <summary>Where it listens; null before it does.</summary>
    public Uri? Address { get; private set; }

    /// <exception cref="EnvironmentException">The port is in use.</exception>
    public void Start()
    {
        try
        {
            _app.StartAsync().GetAwaiter().GetResult();
        }
        catch (IOException e)
        {
            throw new EnvironmentException($"cannot listen on {_options.Http}: {e.Message}", "Another program uses the port, or the address is not one of this machine: give another --http.", inner: e);
        }

        Address = new Uri(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
    }

    public void Stop()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        _app.StopAsync(limit.Token).GetAwaiter().GetResult();
    }

    public void Dispose() => _app.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private void Configure(KestrelServerOptions kestrel, PartyKit kit)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = _options.Limits.Connections;
        kestrel.Limits.MaxRequestBodySize = PartyApi.MostRequestBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = MostHeaderBytes;
        kestrel.Limits.RequestHeadersTimeout = _options.Limits.Handshake;
        IPEndPoint address = _options.Http.ToEndPoint("--http");
        kestrel.Listen(address, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (!_options.IsPlainHttp)
            {
                listen.UseHttps(_options.HttpCertificate ?? kit.Certificate, https =>
                {
                    https.SslProtocols = SslProtocols.Tls13;
                    https.HandshakeTimeout = _options.Limits.Handshake;
                });
            }
        });
    }

    // Signals are the program's business.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
