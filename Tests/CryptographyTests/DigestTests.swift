import Cryptography
import Testing

struct DigestTests {
  @Test func `SHA-256 is what FIPS 180 says`() {
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(Digest.hexadecimal(Digest.sha256(Array("abc".utf8))) == expected)
    let running = RunningDigest()
    for piece in ["a", "bc"] { Array(piece.utf8).withUnsafeBytes { running.append($0) } }
    #expect(Digest.hexadecimal(running.finish()) == expected)
  }

  @Test func `the keyed SHA-1 digest is what RFC 2202 says`() {
    let digest = Digest.hmacSHA1(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
    #expect(Digest.hexadecimal(digest) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
  }

  @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
  func `base64 is what RFC 4648 says`(plain: String, encoded: String) {
    #expect(Base64.encode(Array(plain.utf8)) == encoded)
    #expect(Base64.decode(encoded.utf8) == Array(plain.utf8))
    #expect(Base64.decode(Base64.encode(Array(plain.utf8), padded: false).utf8) == Array(plain.utf8))
  }

  @Test(arguments: ["Zg==Zg", "Z", "Zm9v!", "Zm-v"])
  func `what is not base64 is refused`(text: String) {
    #expect(Base64.decode(text.utf8) == nil)
  }
}
