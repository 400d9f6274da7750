namespace ComputeShare.Billing.Keys;

/// <summary>A key's terms cannot be had; the message is for whoever asked for them.</summary>
/// <param name="param">The term at fault, as <c>/v1/keys</c> names it.</param>
internal sealed class KeyTermsException(string message, string param) : Exception(message)
{
    public string Param => param;
}
