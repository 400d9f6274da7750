namespace Aspire.Hosting;

public interface IProjectMetadata
{
    string ProjectPath { get; }
}

/// <summary>What the stand-in's build adds to Aspire's metadata: where the build put the program (StandIn.targets).</summary>
public interface IBuiltProject : IProjectMetadata
{
    string AssemblyPath { get; }
}
