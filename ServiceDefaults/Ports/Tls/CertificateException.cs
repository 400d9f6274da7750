namespace ComputeShare.ServiceDefaults.Ports.Tls;

/// <summary>There is no usable certificate. The message names the setting, and repeats neither paths nor what is in the files.</summary>
internal sealed class CertificateException(string message, Exception? inner = null) : Exception(message, inner);
