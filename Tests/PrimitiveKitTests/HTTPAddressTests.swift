import PrimitiveKit
import Testing

struct HTTPAddressTests {
  @Test(arguments: [
    ("http://desk.example", "http://desk.example/", "desk.example", "http://desk.example:80"),
    (
      "HTTPS://Desk.Example:8443/A?b#c", "https://desk.example:8443/A?…", "desk.example:8443",
      "https://desk.example:8443"
    ),
    ("https://jo:word@desk.example/x", "https://desk.example/x", "desk.example", "https://desk.example:443"),
    ("http://a@b@[::1]:80?x=http://y/", "http://[::1]:80/?…", "[::1]:80", "http://::1:80"),
    ("http://127.0.0.1:/", "http://127.0.0.1/", "127.0.0.1", "http://127.0.0.1:80"),
  ])
  func `an address shows where it leads, and no secret`(
    text: String,
    shown: String,
    endpoint: String,
    origin: String
  ) throws {
    let address = try HTTPAddress(text)
    #expect(address.shown == shown && address.endpoint == endpoint && address.origin == origin)
    #expect("\(address)" == shown && String(reflecting: address).contains("word") == false)
  }

  @Test func `what is sent has the query, and neither credentials nor fragment`() throws {
    let address = try HTTPAddress("https://jo:word@desk.example/a%20b?token=t&x=#part")
    #expect(address.sent == "https://desk.example/a%20b?token=t&x=" && address.credentials == "jo:word")
    #expect(address.hidden == "https://desk.example/…")
  }

  @Test(arguments: [
    "", "desk.example", "ftp://desk.example", "http://", "http:///x", "http://:80/", "http://a b/", "http://h/\n",
    "http://h:0/", "http://h:65536/", "http://h:8o/", "http://[::1/", "http://[x]/", "http://a:b:c/",
    "http://hö.example/",
    "http://h\u{0}/", "http://jo:pass/word@h/", "http://ex ample/", "file:///etc/passwd", "http://a'b/",
  ])
  func `what is no address is refused without being repeated`(text: String) {
    let error = #expect(throws: ConversionError.self) { try HTTPAddress(text) }
    #expect(error?.found.hasPrefix("one that ") == true && error?.found.contains("word") == false)
  }

  @Test func `headers that would be two, or that opsh sets, are refused`() throws {
    for (name, value) in [
      ("", "x"), ("a b", "x"), ("a:", "x"), ("X", "a\r\nY: b"), ("X", "a\0b"), ("Content-Length", "5"),
      ("transfer-encoding", "x"),
    ] {
      #expect(throws: ConversionError.self) { try HTTPHeader(name, .text(value)) }
    }
    let long = #expect(throws: ConversionError.self) {
      try HTTPHeader("X-Long", .text(String(repeating: "a", count: 10 << 20)))
    }
    #expect(long?.expected == "headers of at most 65536 bytes" && long?.found == "'X-Long' with 10485760 bytes")
    let header = try HTTPHeader("Authorization", .text("Bearer word"))
    #expect(!String(reflecting: header).contains("word") && !"\(header)".contains("word"))
  }

  @Test func `what was sent in confidence is masked in what comes back`() throws {
    var request = HTTPRequest(.get, try HTTPAddress("http://jo:pass-word@h/?token=abcdef123&n=1"))
    request.headers = [
      try HTTPHeader("Authorization", .text("Bearer tok-en-1")), try HTTPHeader("Accept", .text("text/plain")),
    ]
    let text = "abcdef123 n=1 token=abcdef123&n=1 pass-word tok-en-1 text/plain Bearer tok-en-1"
    let masked = request.masking(ByteText(Array(text.utf8)))
    #expect(String(decoding: masked.bytes, as: UTF8.self) == "*** n=1 *** *** *** text/plain ***")
  }
}
