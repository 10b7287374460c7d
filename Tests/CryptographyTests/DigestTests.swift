import Cryptography
import Testing

struct DigestTests {
  @Test func `SHA-256 is what FIPS 180 says`() {
    #expect(
      Digest.hexadecimal(Digest.sha256(Array("abc".utf8)))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
  }
}
