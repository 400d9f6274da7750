namespace ComputeShare.HosterNode.Engines.OpenAI.Requests;

/// <summary>What is told of a request when the engine refuses it.</summary>
internal interface IEngineRequest
{
    /// <summary><c>messages</c>, <c>prompt</c> or <c>input</c>.</summary>
    string PromptField { get; }

    int ContextLength { get; }

    /// <summary>The fields that the engine was sent beside it.</summary>
    IEnumerable<string> Fields { get; }
}
