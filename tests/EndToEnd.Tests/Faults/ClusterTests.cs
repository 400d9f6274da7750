namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>The tests that share the <see cref="Cluster"/>, one after the other.</summary>
[CollectionDefinition(nameof(Cluster))]
public sealed class ClusterTests : ICollectionFixture<Cluster>;
