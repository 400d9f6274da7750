namespace ComputeShare.Gateway.OpenAI;

internal sealed record ModelList(IReadOnlyList<Model> Data)
{
    public string Object { get; } = "list";
}

internal sealed record Model(string Id, long Created, string OwnedBy)
{
    public string Object { get; } = "model";
}
