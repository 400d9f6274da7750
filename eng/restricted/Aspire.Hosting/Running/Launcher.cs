using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>Turns a resource into a child process; a resource without one (a parameter, a connection string) into none.</summary>
internal sealed class Launcher(Application application, IConfiguration configuration, IHostEnvironment host)
{
    private readonly ChildEnvironment _environment = new(configuration, host);

    public async Task<ChildProcess?> LaunchAsync(Resource resource, CancellationToken cancellationToken)
    {
        var environment = await _environment.ForAsync(resource, cancellationToken);
        var arguments = new List<string>();
        foreach (var argument in resource.Arguments)
        {
            arguments.Add(await ChildEnvironment.TextAsync(argument, cancellationToken));
        }

        return resource switch
        {
            ExecutableResource executable => Start(Command(executable), executable.WorkingDirectory, arguments),
            ProjectResource { Project: { } project } => Start("dotnet", Path.GetDirectoryName(project.ProjectPath)!, [project.AssemblyPath, .. arguments]),
            ContainerResource container => Start(Runtime, application.AppHostDirectory, [.. ContainerArguments(container), .. arguments]),
            _ => null,
        };

        ChildProcess Start(string command, string workingDirectory, IEnumerable<string> all) =>
            ChildProcess.Start(resource.Name, Path.GetFullPath("../eng/lifeline", application.AppHostDirectory), [command, .. all], workingDirectory, environment);
    }

    private string Runtime => configuration["ASPIRE_CONTAINER_RUNTIME"] ?? "docker";

    /// <summary>A command with a folder in it is relative to the working directory, as for Aspire; a bare name is looked up.</summary>
    private static string Command(ExecutableResource executable) =>
        executable.Command.Contains('/', StringComparison.Ordinal)
            ? Path.GetFullPath(executable.Command, executable.WorkingDirectory)
            : executable.Command;

    /// <summary>The client stays attached and passes signals on, so that the container lives as long as the child does.</summary>
    private static IEnumerable<string> ContainerArguments(ContainerResource container)
    {
        yield return "run";
        yield return "--rm";
        foreach (var endpoint in container.Endpoints)
        {
            yield return "--publish";
            yield return string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{endpoint.Port}:{endpoint.TargetPort}");
        }

        foreach (var (name, _) in container.Environment)
        {
            // The value comes from the client's own environment: an argument could be read by every user of the machine.
            yield return "--env";
            yield return name;
        }

        foreach (var (name, target) in container.Volumes)
        {
            yield return "--volume";
            yield return $"{name}:{target}";
        }

        yield return container.Image;
    }
}
