using System.Text;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.TestSupport;
using Google.Protobuf.Reflection;

namespace ComputeShare.Contracts.Tests.WireSnapshots;

/// <summary>
/// Nodes of other versions are out there: a field number, once given, keeps its meaning. A new field changes the snapshot by one line;
/// run with COMPUTESHARE_UPDATE_SNAPSHOTS=1 to write it.
/// </summary>
public sealed class ProtoSnapshotTests
{
    public static TheoryData<string> Protos => ["inference", "scheduler", "billing"];

    [Theory]
    [MemberData(nameof(Protos))]
    public async Task Proto_FieldNumbersAndTypes_AreAsSnapshot(string proto)
    {
        var file = Repository.PathOf("tests", "Contracts.Tests", "WireSnapshots", $"{proto}.txt");
        var described = Describe(Descriptor(proto));
        if (Environment.GetEnvironmentVariable("COMPUTESHARE_UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(file, described, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), described);
    }

    private static FileDescriptor Descriptor(string proto) => proto switch
    {
        "inference" => InferenceReflection.Descriptor,
        "scheduler" => SchedulerReflection.Descriptor,
        _ => BillingReflection.Descriptor,
    };

    private static string Describe(FileDescriptor file)
    {
        var text = new StringBuilder();
        foreach (var method in file.Services.SelectMany(service => service.Methods))
        {
            text.Append($"rpc {method.FullName} {Arity(method.IsClientStreaming)}{method.InputType.Name} {Arity(method.IsServerStreaming)}{method.OutputType.Name}\n");
        }

        foreach (var field in file.MessageTypes.SelectMany(message => message.Fields.InFieldNumberOrder()))
        {
            var type = field.FieldType is FieldType.Message ? field.MessageType.FullName
                : field.FieldType is FieldType.Enum ? field.EnumType.FullName
                : field.FieldType.ToString();
            text.Append($"{field.FullName} = {field.FieldNumber} {(field.IsRepeated ? "repeated " : "")}{type}\n");
        }

        foreach (var value in file.EnumTypes.SelectMany(type => type.Values))
        {
            text.Append($"{value.FullName} = {value.Number}\n");
        }

        return text.ToString();
    }

    private static string Arity(bool streaming) => streaming ? "stream " : "";
}
