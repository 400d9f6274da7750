using ComputeShare.TestSupport.Servers;

[assembly: AssemblyFixture(typeof(RedisServer))]
