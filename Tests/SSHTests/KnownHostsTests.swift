import Cryptography
import Testing

@testable import SSH

struct KnownHostsTests {
  private func hosts(_ text: String) -> KnownHosts {
    var hosts = KnownHosts()
    hosts.add(Array(text.utf8), file: "known_hosts")
    return hosts
  }

  @Test(arguments: [
    ("web1 ssh-ed25519 AAAA", "web1", true),
    ("WEB1 ssh-ed25519 AAAA", "web1", true),
    ("web2,web1,10.0.0.1 ssh-ed25519 AAAA comment", "web1", true),
    ("[web1]:2222 ssh-ed25519 AAAA", "[web1]:2222", true),
    ("web1 ssh-ed25519 AAAA", "[web1]:2222", false),
    ("web* ssh-ed25519 AAAA", "web1", true),
    ("web?,!web1 ssh-ed25519 AAAA", "web1", false),
    ("web?,!web1 ssh-ed25519 AAAA", "web2", true),
    ("*.example ssh-ed25519 AAAA", "a.b.example", true),
    ("*.example ssh-ed25519 AAAA", "example", false),
    ("# web1 ssh-ed25519 AAAA", "web1", false),
    ("web1 ssh-ed25519", "web1", false),
    ("web1 ssh-ed25519 !!!", "web1", false),
    ("@other web1 ssh-ed25519 AAAA", "web1", false),
  ])
  func `a line fits a server or not`(line: String, server: String, fits: Bool) {
    #expect(hosts(line).entries(for: server).isEmpty != fits)
  }

  @Test func `a hashed name fits its server alone`() {
    let salt = Array("12345678901234567890".utf8)
    let digest = Digest.hmacSHA1(Array("[web1]:2222".utf8), key: salt)
    let line = "|1|\(Base64.encode(salt))|\(Base64.encode(digest)) ssh-ed25519 AAAA"
    #expect(hosts(line).entries(for: "[web1]:2222").count == 1)
    #expect(hosts(line).entries(for: "[web2]:2222").isEmpty)
  }

  @Test func `a revoked key is refused even where another line trusts it`() {
    var writer = SSHWriter()
    writer.text("ssh-ed25519")
    let key = Base64.encode(writer.bytes)
    let entries = hosts("\nweb1 ssh-ed25519 \(key)\n@revoked * ssh-ed25519 \(key)\n").entries(for: "web1")
    let endpoint = SSHEndpoint(address: "web1", user: "root")
    let error = #expect(throws: SSHError.self) {
      try HostTrust(entries: entries, files: []).check(writer.bytes, of: endpoint)
    }
    #expect(error?.code == "ssh.host_key_revoked")
    #expect(error?.message.hasSuffix("is revoked by known_hosts:3") == true)
  }

  // It was told as a host that known_hosts does not list.
  @Test func `an authority for a host is named, and its key does not pass for the host's`() {
    var writer = SSHWriter()
    writer.text("ssh-ed25519")
    let key = Base64.encode(writer.bytes)
    let entries = hosts("@cert-authority *.example ssh-ed25519 \(key)\n").entries(for: "web1.example")
    let trust = HostTrust(entries: entries, files: ["known_hosts"])
    let error = #expect(throws: SSHError.self) {
      try trust.check(writer.bytes, of: SSHEndpoint(address: "web1.example", user: "root"))
    }
    #expect(error?.code == "ssh.host_key_unknown")
    #expect(error?.message.contains("known_hosts:1 trusts only an authority that signs its key") == true)
    #expect(error?.hint?.hasPrefix("compare the fingerprint") == true)
  }

  @Test func `the known type of key is asked for first`() {
    let entries = hosts("web1 ecdsa-sha2-nistp256 AAAA").entries(for: "web1")
    #expect(HostTrust(entries: entries, files: []).preference.prefix(2) == ["ecdsa-sha2-nistp256", "ssh-ed25519"])
  }
}
