using System.CommandLine;
using ComputeShare.HosterNode.Control;

namespace ComputeShare.HosterNode.CommandLine;

/// <summary>Which node is meant, where a machine has several.</summary>
internal static class FolderOption
{
    public static Option<string?> Create() => new("--folder")
    {
        Description = "Where the node keeps its settings and its socket. Default: COMPUTESHARE_NODE_FOLDER, else ~/.config/computeshare.",
        HelpName = "PATH",
    };

    public static OwnerFolder Folder(this ParseResult arguments, Option<string?> option) => OwnerFolder.At(arguments.GetValue(option));
}
