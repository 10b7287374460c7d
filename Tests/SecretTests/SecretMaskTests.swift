import Foundation
import OpshTesting
import PrimitiveKit
import Testing

/// What of a value comes back is masked, whatever form it has and wherever it was cut.
struct SecretMaskTests {
  private func masks(_ values: [String: String]) -> SecretMasks {
    let masks = SecretMasks()
    for (name, value) in values {
      var bytes = Array(value.utf8)
      masks.add(OpenSecret(Secret(name), taking: &bytes))
    }
    return masks
  }

  @Test func `the mask names the secret and is as long as the value`() {
    let masks = masks(["pager": "a-long-enough-value!", "k": "short6"])
    #expect(masks.masked("x a-long-enough-value! y short6.") == "x <secret pager>****** y ******.")
    #expect(masks.masked("nothing of it") == "nothing of it")
    #expect(masks.masked("é a-long-enough-value!é") == "é <secret pager>******é")
  }

  @Test func `a value of less than six bytes is not masked`() {
    #expect(masks(["pin": "12345"]).masked("12345") == "12345")
    #expect(masks(["pin": "123456"]).masked("123456") == "******")
  }

  @Test(arguments: [
    "pl%20ain+v/al\"ue's", "tab\tand%percent", "ünïcödé-välüe", "aaaaaaaaaaaa", "abcabcabcabcabd",
  ])
  func `every form of a value is masked`(value: String) {
    // A name that fits into no mask, so that these are stars.
    let masks = masks([String(repeating: "n", count: 90): value])
    let data = Data(value.utf8)
    let url = value.addingPercentEncoding(
      withAllowedCharacters: .init(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
    )
    let json = String(decoding: (try? JSONEncoder().encode([value])) ?? Data(), as: UTF8.self).dropFirst(2).dropLast(2)
    var forms = [value, url ?? "", data.map { String(format: "%02x", $0) }.joined()]
    forms.append(String(json).replacing("\\/", with: "/"))
    forms.append(value.replacing("'", with: "'\\''"))
    for form in forms {
      let masked = masks.masked("before \(form) after")
      #expect(!masked.contains(form) && masked.hasPrefix("before ") && masked.hasSuffix(" after"), "\(form): \(masked)")
    }
    for before in ["", "x", "user:"] {
      let encoded = Data((before + value + "tail").utf8).base64EncodedString()
      let masked = masks.masked(encoded)
      // What digits are left hold less than a byte more at each end than the text around the value.
      let left = masked.filter { $0 != "*" }.count
      #expect(masked.utf8.count == encoded.utf8.count && left < encoded.count - value.utf8.count, "\(masked)")
    }
  }

  @Test func `half of a value that was cut is masked, also between random texts`() {
    var random = SplitMix64(seed: 11)
    let letters = Array("abcdefghijklmnop0123456789".utf8)
    for _ in 0..<2000 {
      let value = (0..<Int.random(in: 12...40, using: &random)).map { _ in letters.randomElement(using: &random) ?? 0 }
      let masks = SecretMasks()
      var copy = value
      masks.add(OpenSecret(Secret("k"), taking: &copy))
      let cut = Int.random(in: value.count / 2 + 1...value.count, using: &random)
      let isEnd = Bool.random(using: &random)
      let part = isEnd ? Array(value.suffix(cut)) : Array(value.prefix(cut))
      let noise = (0..<9).map { _ in UInt8(ascii: "-") }
      let masked = masks.masked(noise + part + noise)
      #expect(masked.count == part.count + 18)
      let shown = String(decoding: masked, as: UTF8.self)
      #expect(!shown.contains(String(decoding: part, as: UTF8.self).suffix(6)), "\(shown)")
    }
  }

  @Test func `the lines of a value are masked one by one, and their ends stay`() {
    let masks = masks(["key": "first line of it\nsecond line of it\n"])
    #expect(masks.masked("a\nsecond line of it\nb\n").split(separator: "\n").map(\.count) == [1, 17, 1])
    let whole = masks.masked("first line of it\nsecond line of it\n")
    #expect(whole.filter { $0 == "\n" }.count == 2 && !whole.contains("line"))
  }

  @Test func `a transport shows nothing of it: output, errors, lines and reasons`() async throws {
    let masks = masks(["key": "swordfish-and-more"])
    let lines = Lines()
    let transport = ScriptedTransport { request, host throws(TransportError) in
      request.onLine?("said swordfish-and-more")
      if request.line == "lose" { throw .lost(host: host.name, reason: "it said swordfish-and-more") }
      if request.line == "wait" {
        let got = CommandResult(status: nil, output: Array("swordfish-and-more".utf8))
        throw .timedOut(host: host.name, after: .seconds(1), got: got)
      }
      return .ended(0, "a swordfish-and-more", error: "b swordfish-and-more")
    }
    let masked = MaskedTransport(transport, masks)
    let host = HostAddress(name: "h", address: "h", port: 22, user: "u", kind: .ssh)
    let request = CommandRequest(line: "x", timeout: nil, effect: .reads, onLine: { lines.add($0) })
    let result = try await masked.execute(request, on: host)
    #expect(result.wasMasked && String(decoding: result.output, as: UTF8.self) == "a <secret key>******")
    #expect(String(decoding: result.errorOutput, as: UTF8.self) == "b <secret key>******")
    for line in ["lose", "wait"] {
      var request = request
      request.line = line
      let error = await #expect(throws: TransportError.self) { try await masked.execute(request, on: host) }
      #expect(!"\(error as Any)".contains("swordfish"))
    }
    #expect(lines.all.allSatisfy { $0 == "said <secret key>******" } && lines.all.count == 3)
  }

  @Test func `a value is cleared when it is let go`() {
    var bytes = Array("swordfish".utf8)
    let open = OpenSecret(Secret("k"), taking: &bytes)
    #expect(bytes.isEmpty && open.count == 9 && open.bytes == Array("swordfish".utf8))
    #expect("\(open.secret)" == "‹secret k›")
  }
}
