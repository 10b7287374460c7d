import Testing

/// Everything that talks to a real sshd, one test at a time: they share two cores with the servers they start.
@Suite(.serialized) struct SSHTests {}
