// The option objects of System.CommandLine are shared by all instances of the command tree.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
