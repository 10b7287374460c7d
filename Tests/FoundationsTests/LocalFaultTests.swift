import Foundations
import Glibc
import Testing

struct LocalFaultTests {
  @Test(arguments: LocalFault.codes) func `every fault of this machine says that it is here`(code: Int32) throws {
    let fault = try #require(LocalFault(code))
    let words = ["this process", "this machine"].contains { fault.reason.contains($0) }
    #expect(words, "\(fault.reason)")
    for advice in ["known_hosts", "ssh-keygen", "firewall there", "host is up"] {
      #expect(fault.hint?.contains(advice) != true)
    }
  }

  @Test(arguments: [ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ETIMEDOUT, ENOENT, EPIPE])
  func `what the network or the other side says is no fault of this machine`(code: Int32) {
    #expect(LocalFault(code) == nil)
  }

  @Test func `too few descriptors are told with their limit and where to raise it`() throws {
    let fault = try #require(LocalFault(EMFILE))
    #expect(fault.reason.hasPrefix("this process has no free file descriptor (limit "))
    #expect(fault.hint?.contains("ulimit -n") == true)
    #expect(LocalFault.exhausted == nil)
  }
}
