using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>What a node must be able to do, collected field by field; each once, with the first field that asks for it.</summary>
internal sealed class RequiredCapabilities
{
    private readonly List<RequiredCapability> _all;

    /// <param name="operation">What is asked of the model at all.</param>
    public RequiredCapabilities(string operation) => _all = [new RequiredCapability(operation, "model")];

    public IReadOnlyList<RequiredCapability> All => _all;

    /// <param name="name">As in <c>ServedModel.capabilities</c>.</param>
    /// <param name="param">The field that asks for it.</param>
    public void Add(string name, string param)
    {
        if (!_all.Exists(required => required.Name == name))
        {
            _all.Add(new RequiredCapability(name, param));
        }
    }
}
