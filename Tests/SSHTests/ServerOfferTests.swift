import Testing

@testable import SSH

struct ServerOfferTests {
  private func greeting(_ hostKeys: String, before: String = "") -> [UInt8] {
    var payload = SSHWriter()
    payload.byte(20)
    for _ in 0..<16 { payload.byte(7) }
    payload.text("curve25519-sha256")
    payload.text(hostKeys)
    var packet = SSHWriter()
    packet.uint32(UInt32(payload.bytes.count + 5))
    packet.byte(4)
    return Array("\(before)SSH-2.0-OpenSSH_9.2\r\n".utf8) + packet.bytes + payload.bytes
  }

  @Test(arguments: ["", "hello\n\nworld\n"])
  func `the types of host key are read from the first packet`(before: String) {
    let bytes = greeting("rsa-sha2-512,ssh-ed25519", before: before)
    #expect(ServerOffer(bytes)?.hostKeys == ["rsa-sha2-512", "ssh-ed25519"])
    for count in bytes.indices where count < bytes.count { #expect(ServerOffer(Array(bytes.prefix(count))) == nil) }
  }

  @Test func `an RSA key is asked for under all of its names`() {
    let entry = KnownHosts.Entry(type: "ssh-rsa", key: [], isRevoked: false, file: "f", line: 1)
    let trust = HostTrust(entries: [entry], files: [])
    #expect(trust.preference.prefix(3) == ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"])
  }

  @Test func `a mark is found wherever the pieces are cut`() {
    let bytes = Array("some errors\nthe-end 42\nlater".utf8)
    for cut in 0...bytes.count {
      var ending = ShellEnding(mark: "the-end")
      for piece in [bytes[..<cut], bytes[cut...]] { _ = Array(piece).withUnsafeBytes { ending.reads($0) } }
      #expect(ending.status == 42, "cut at \(cut)")
      #expect(ending.cutting(SSHOutput(bytes: bytes, dropped: 0, gap: 0)).text == "some errors")
    }
  }
}
