using ComputeShare.Gateway.OpenAI;
using Grpc.Core;

namespace ComputeShare.Gateway.Nodes;

/// <summary>What a node that may not join, or cannot be called, is told.</summary>
internal static class NodeRefusals
{
    public static readonly OpenAIError Unreachable = OpenAIError.Invalid(
        "This gateway could not call the node at its address.", "address", "node_unreachable");

    private static readonly OpenAIError TokenRefused = OpenAIError.Invalid(
        "The node at this address does not know the dial token.", "dial_token", "dial_token_refused");

    private static readonly OpenAIError NotYours = new(StatusCodes.Status403Forbidden, OpenAIError.InvalidRequest,
        "This node id is another hoster's.", "node_id_taken", "node_id");

    /// <summary>How a watch that gave no state ended.</summary>
    public static OpenAIError OfWatch(Exception? error) =>
        error is RpcException { StatusCode: StatusCode.Unauthenticated } ? TokenRefused : Unreachable;

    /// <summary>The node says more, or other things, of itself than one may.</summary>
    /// <param name="why">For the node's owner; nothing of what the node said.</param>
    public static OpenAIError OfState(string why) => OpenAIError.Invalid($"The node's state is refused: {why}.", code: "node_not_acceptable");

    /// <summary>What Billing says of the registration. Its sentences about prices are meant for the hoster.</summary>
    /// <returns>Null: it may say something else in a moment.</returns>
    public static OpenAIError? OfBilling(RpcException error) => error.StatusCode switch
    {
        StatusCode.NotFound => OpenAIError.InvalidKey,
        StatusCode.PermissionDenied => NotYours,
        StatusCode.InvalidArgument => OpenAIError.Invalid(error.Status.Detail, code: "node_not_acceptable"),
        _ => null,
    };
}
