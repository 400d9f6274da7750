using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ComputeShare.ServiceDefaults.Ports;

/// <summary>
/// Lets only callers that carry the secret through an internal port (<c>authorization: Bearer …</c>): the service secret between
/// services, the dial token at a node. Others get the gRPC status Unauthenticated before any handler runs.
/// </summary>
public static class InternalDoor
{
    private const string Scheme = "Bearer ";

    public static void UseInternalDoor(this WebApplication app, string secret)
    {
        // Hashed first, so that the comparison takes the same time for every length.
        var expected = SHA256.HashData(Encoding.UTF8.GetBytes(Scheme + secret));
        app.Use((context, next) =>
        {
            if (context.PortRole() != PortRole.Internal || Carries(context, expected))
            {
                return next(context);
            }

            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = ((int)StatusCode.Unauthenticated).ToString(System.Globalization.CultureInfo.InvariantCulture);
            context.Response.Headers["grpc-message"] = "The caller does not carry this port's secret.";
            return Task.CompletedTask;
        });
    }

    private static bool Carries(HttpContext context, byte[] expected)
    {
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString()));
        return CryptographicOperations.FixedTimeEquals(given, expected);
    }
}
