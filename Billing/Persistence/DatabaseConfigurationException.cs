namespace ComputeShare.Billing.Persistence;

/// <summary>The connection string is missing, or none.</summary>
internal sealed class DatabaseConfigurationException(string name) : InvalidOperationException(
    $"ConnectionStrings:{name} must be set to PostgreSQL's connection string, such as Host=localhost;Database=computeshare;Username=….");
