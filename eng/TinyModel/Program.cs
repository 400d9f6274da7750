using ComputeShare.TinyModel;

if (args is not [var path])
{
    Console.Error.WriteLine("Usage: dotnet run --project eng/TinyModel -- HosterNode/Models/tiny.gguf");
    return 1;
}

var bytes = TinyModelFile.Create();
File.WriteAllBytes(path, bytes);
Console.WriteLine($"{path}: {bytes.Length} bytes, {ModelShape.VocabularySize} tokens.");
return 0;
