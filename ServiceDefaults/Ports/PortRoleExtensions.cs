using System.Net;
using ComputeShare.ServiceDefaults.Ports.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ComputeShare.ServiceDefaults.Ports;

public static class PortRoleExtensions
{
    /// <summary>The endpoint answers only on ports of this role. Without it, on public ones.</summary>
    public static TBuilder ServedOn<TBuilder>(this TBuilder endpoint, PortRole role)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Add(builder => builder.Metadata.Add(new ServedOnMetadata(role)));
        return endpoint;
    }

    /// <summary>Serves what comes out of another transport than TCP's as a port of this role.</summary>
    public static void Listen(this KestrelServerOptions kestrel, EndPoint endPoint, PortRole role)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        kestrel.Listen(endPoint, listen => listen.Serve(role));
    }

    internal static void AddServicePorts(this WebApplicationBuilder builder, IReadOnlyList<PortRole> roles)
    {
        builder.Services.AddSingleton<IValidateOptions<PortOptions>>(new PortOptionsValidator(roles));
        builder.Services.AddOptions<PortOptions>().BindConfiguration(PortOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ConnectionOptions>, ConnectionOptionsValidator>();
        builder.Services.AddOptions<ConnectionOptions>().BindConfiguration(ConnectionOptions.Section).ValidateOnStart();
        if (roles.Contains(Ports.PortRole.Public))
        {
            builder.Services.AddSingleton<PublicConnections>();
            builder.AddTls();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            var options = kestrel.ApplicationServices.GetRequiredService<IOptions<PortOptions>>().Value;
            foreach (var role in roles)
            {
                kestrel.Listen(options.AddressFor(role), options.For(role)!.Value, listen => listen.Serve(role));
            }

            if (roles.Contains(Ports.PortRole.Public))
            {
                var limits = kestrel.ApplicationServices.GetRequiredService<IOptions<ConnectionOptions>>().Value;
                (kestrel.Limits.KeepAliveTimeout, kestrel.Limits.RequestHeadersTimeout) = (limits.KeepAlive, limits.Headers);
            }
        });
    }

    private static void AddTls(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<TlsOptions>, TlsRangeValidator>();
        builder.Services.AddSingleton<IValidateOptions<TlsOptions>, TlsOptionsValidator>();
        builder.Services.AddOptions<TlsOptions>().BindConfiguration(TlsOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<PublicCertificate>();
        builder.Services.AddHostedService<CertificateRenewer>();
    }

    internal static void UsePortRoles(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint() is { } endpoint && context.PortRole() != endpoint.PortRole())
        {
            // Unknown here: the pipeline's end answers 404, as for any other path.
            context.SetEndpoint(null);
        }

        return next(context);
    });

    /// <summary>Over HTTP/2, one connection brings many requests: they are counted themselves.</summary>
    internal static void UsePublicConnections(this WebApplication app)
    {
        if (app.Services.GetService<PublicConnections>() is not { } connections)
        {
            // A service without a public port.
            return;
        }

        app.Use((context, next) => HttpProtocol.IsHttp2(context.Request.Protocol) && context.PortRole() == Ports.PortRole.Public
            ? connections.RunRequestAsync(context, next)
            : next(context));
    }

    /// <summary>The role of the ports that the endpoint answers on.</summary>
    public static PortRole PortRole(this Endpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint.Metadata.GetMetadata<ServedOnMetadata>()?.Role ?? Ports.PortRole.Public;
    }

    /// <summary>The role of the port that the request came in on.</summary>
    public static PortRole PortRole(this HttpContext context) =>
        context.Features.GetRequiredFeature<ServedOnMetadata>().Role;

    private static void Serve(this ListenOptions listen, PortRole role)
    {
        listen.Protocols = role == Ports.PortRole.Internal ? HttpProtocols.Http2 : HttpProtocols.Http1;
        if (role == Ports.PortRole.Public)
        {
            listen.Use(listen.ApplicationServices.GetRequiredService<PublicConnections>().Guard);
            if (listen.ApplicationServices.GetRequiredService<PublicCertificate>().Handshakes is { } handshakes)
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(handshakes);
            }
        }

        var feature = new ServedOnMetadata(role);
        listen.Use(next => connection =>
        {
            connection.Features.Set(feature);
            return next(connection);
        });
    }

    internal sealed record ServedOnMetadata(PortRole Role);
}
