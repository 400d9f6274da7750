using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Sessions;
using Grpc.Core;

namespace ComputeShare.Gateway.Keys;

/// <summary>Billing's rare calls, with its refusals as the caller is told them.</summary>
internal sealed class BillingCalls(BillingSessions billing)
{
    private const string ParamTrailer = "param";

    private static readonly OpenAIError NoSuchKey = new(
        StatusCodes.Status404NotFound, OpenAIError.InvalidRequest, "This account has no such key.", "key_not_found");

    /// <inheritdoc cref="AskAsync{T}(string, Func{Billing.BillingClient, CallOptions, AsyncUnaryCall{T}}, OpenAIError, CancellationToken)"/>
    public Task<T> AskAsync<T>(
        string accountId, Func<Billing.BillingClient, CallOptions, AsyncUnaryCall<T>> ask, CancellationToken cancellationToken) =>
        AskAsync(accountId, ask, NoSuchKey, cancellationToken);

    /// <param name="accountId">Whose matter it is: one account's calls go to one Billing. What is no account's may name anything.</param>
    /// <param name="ask">The call.</param>
    /// <param name="notFound">What is said where Billing finds nothing.</param>
    /// <param name="cancellationToken">The caller has left.</param>
    /// <exception cref="RequestRefusedException">Billing refuses it.</exception>
    /// <exception cref="SessionLostException">Billing is away.</exception>
    public async Task<T> AskAsync<T>(
        string accountId,
        Func<Billing.BillingClient, CallOptions, AsyncUnaryCall<T>> ask,
        OpenAIError notFound,
        CancellationToken cancellationToken)
    {
        try
        {
            return await ask(billing.Client(accountId), new CallOptions(cancellationToken: cancellationToken));
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            throw new RequestRefusedException(notFound);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.InvalidArgument)
        {
            throw new RequestRefusedException(OpenAIError.Invalid(error.Status.Detail, error.Trailers.GetValue(ParamTrailer)));
        }
        catch (RpcException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SessionLostException("billing", error.StatusCode.ToString());
        }
    }
}
