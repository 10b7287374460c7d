import CCurl
import Foundation
import Foundations
import Glibc
import PrimitiveKit

/// One exchange as libcurl makes it; owns the easy handle and everything that this reads and writes.
///
/// Touched by the loop's thread alone: curl calls back on the thread that drives it.
final class Transfer {
  let id: UInt64
  let easy: UnsafeMutableRawPointer
  private let hop: Hop
  private let errorText: UnsafeMutablePointer<CChar>
  /// What is sent as the body; overwritten when it is given back, for it may be a secret.
  private let upload: UnsafeMutableBufferPointer<UInt8>
  private var list: UnsafeMutablePointer<curl_slist>?

  private var head = ResponseHead()
  private var body = Data()
  private var isConnected = false
  private var isSent = false
  /// The bytes since the loop was last let go.
  private var breath = 0
  /// Asks to be continued at the next turn of the loop.
  var onPause: () -> Void = {}
  private var excess: TransferEnding.Excess?
  /// Whoever waits for the end.
  var continuation: CheckedContinuation<TransferEnding, Never>?

  /// Throws what a header fails with.
  init(_ hop: Hop, id: UInt64) throws(HTTPProblem) {
    _ = Transfer.curl
    guard let easy = curl_easy_init() else {
      throw HTTPProblem(.local, "\(hop.address.shown): this machine has no free memory")
    }
    (self.id, self.easy) = (id, easy)
    self.hop = hop
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    upload = .allocate(capacity: hop.body?.count ?? 0)
    _ = upload.initialize(from: hop.body ?? [])
    for header in hop.headers { try append(header) }
    // A form is not what a body is taken for, and no answer is waited for before it is sent.
    for line in hop.absentHeaders { line.withCString { append($0) } }
    limit()
    connect()
    address()
    listen()
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(list)
    errorText.deallocate()
    if let start = upload.baseAddress { explicit_bzero(start, upload.count) }
    upload.deallocate()
  }

  /// A folder of this machine in which an authority is found by its hash; nil for none.
  ///
  /// To read the file with all of them takes 20 ms, in which the loop stands still.
  private static let authorities = ["/etc/ssl/certs"].first { folder in
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.contains { $0.count == 10 && $0.hasSuffix(".0") && $0.dropLast(2).allSatisfy(\.isHexDigit) }
  }

  /// Starts the library once; a second start would do no harm, but costs half a millisecond.
  private static let curl = opsh_curl_start()

  // MARK: What is sent

  private func append(_ header: HTTPHeader) throws(HTTPProblem) {
    var line = Array("\(header.name):".utf8)
    do throws(CallFailure) {
      let value = try header.value.bytes()
      // `Name;` is how libcurl spells a header without a value.
      if value.isEmpty { line = Array("\(header.name);".utf8) } else { line += [UInt8(ascii: " ")] + value }
    } catch {
      throw HTTPProblem(.local, "\(hop.address.shown): \(error.message)", hint: error.hint)
    }
    line.append(0)
    line.withUnsafeMutableBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { append($0.baseAddress) }
      if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
    }
  }

  private func append(_ line: UnsafePointer<CChar>?) {
    if let line, let longer = curl_slist_append(list, line) { list = longer }
  }

  private func limit() {
    set(CURLOPT_NOSIGNAL, 1)
    // Else a look-up that hangs is waited for when the time is up (measured: 3.5 s).
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_TIMEOUT_MS, max(1, Int(hop.timeout.milliseconds)))
    set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(hop.patience.milliseconds)))
    set(CURLOPT_FOLLOWLOCATION, 0)
    // So much at a time may unpack to a thousandfold, and the loop waits for it.
    set(CURLOPT_BUFFERSIZE, 2048)
    // Of a HEAD it would count what is not sent.
    if hop.method != .head { opsh_curl_set_size(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(hop.limit)) }
    text(CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
  }

  private func connect() {
    text(CURLOPT_PROTOCOLS_STR, "http,https")
    // Proxies of the environment are for programs that the operator starts by hand.
    text(CURLOPT_PROXY, "")
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    if let authorities = hop.authorities {
      text(CURLOPT_CAINFO, authorities)
      text(CURLOPT_CAPATH, nil)
    } else if let folder = Transfer.authorities {
      text(CURLOPT_CAINFO, nil)
      text(CURLOPT_CAPATH, folder)
    }
    // On a kept connection that broke, libcurl sends again without a word: a change must not be sent twice.
    if !hop.method.isRead { set(CURLOPT_FRESH_CONNECT, 1) }
  }

  private func address() {
    text(CURLOPT_URL, hop.address.sent)
    text(CURLOPT_USERAGENT, hop.agent)
    if let credentials = hop.address.credentials {
      let parts = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      set(CURLOPT_HTTPAUTH, opsh_curl_basic)
      text(CURLOPT_USERNAME, parts[0].unescaped)
      text(CURLOPT_PASSWORD, parts.count > 1 ? parts[1].unescaped : "")
    }
    switch hop.method {
    case .get: set(CURLOPT_HTTPGET, 1)
    case .head: set(CURLOPT_NOBODY, 1)
    case .delete where hop.body == nil: text(CURLOPT_CUSTOMREQUEST, "DELETE")
    case .post, .put, .delete:
      set(CURLOPT_POST, 1)
      opsh_curl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(upload.count))
      // An empty body is one, too; without a pointer libcurl would ask for it.
      let empty = UnsafeMutableRawPointer(errorText)
      opsh_curl_set_pointer(easy, CURLOPT_POSTFIELDS, upload.baseAddress.map(UnsafeMutableRawPointer.init) ?? empty)
      text(CURLOPT_CUSTOMREQUEST, hop.method.rawValue)
    }
    if let list { opsh_curl_set_pointer(easy, CURLOPT_HTTPHEADER, list) }
  }

  private func set(_ option: CURLoption, _ value: Int) { opsh_curl_set_long(easy, option, value) }
  private func text(_ option: CURLoption, _ value: String?) { opsh_curl_set_text(easy, option, value) }

  // MARK: What comes

  private func listen() {
    let own = Unmanaged.passUnretained(self).toOpaque()
    opsh_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    opsh_curl_on_bytes(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, own in
      guard let own else { return 0 }
      let transfer = Unmanaged<Transfer>.fromOpaque(own).takeUnretainedValue()
      return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    opsh_curl_set_pointer(easy, CURLOPT_WRITEDATA, own)
    opsh_curl_on_bytes(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, own in
      guard let own else { return 0 }
      let transfer = Unmanaged<Transfer>.fromOpaque(own).takeUnretainedValue()
      return transfer.receiveLine(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    opsh_curl_set_pointer(easy, CURLOPT_HEADERDATA, own)
    opsh_curl_on_ready(easy) { own, _, _, _, _ in
      guard let own else { return CURL_PREREQFUNC_ABORT }
      Unmanaged<Transfer>.fromOpaque(own).takeUnretainedValue().isSent = true
      return CURL_PREREQFUNC_OK
    }
    opsh_curl_set_pointer(easy, CURLOPT_PREREQDATA, own)
    // The time of a connection is only known once TLS is, too.
    opsh_curl_on_secure(easy) { _, _, own in
      if let own { Unmanaged<Transfer>.fromOpaque(own).takeUnretainedValue().isConnected = true }
      return CURLE_OK
    }
    opsh_curl_set_pointer(easy, CURLOPT_SSL_CTX_DATA, own)
  }

  /// What curl sends to the loop at once: it would read and unpack on for a hundred buffers.
  private static let longestBreath = 256 << 10

  /// Takes a piece of the body; another number than that of its bytes tells curl to stop.
  private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard body.count + bytes.count <= hop.limit else {
      excess = .body
      return bytes.isEmpty ? 1 : 0
    }
    guard breath + bytes.count <= Transfer.longestBreath else {
      breath = 0
      onPause()
      // The piece comes again.
      return Int(CURL_WRITEFUNC_PAUSE)
    }
    breath += bytes.count
    // Data copies as memcpy does, also in a build that is not optimized.
    if let start = bytes.baseAddress { body.append(start.assumingMemoryBound(to: UInt8.self), count: bytes.count) }
    return bytes.count
  }

  private func receiveLine(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard head.received(bytes) else {
      excess = .headers
      return bytes.isEmpty ? 1 : 0
    }
    return bytes.count
  }

  /// Takes up what was paused.
  func proceed() { curl_easy_pause(easy, CURLPAUSE_CONT) }

  // MARK: The end

  /// What it came to, once curl has said so.
  func ending(_ code: CURLcode) -> TransferEnding {
    var ending = TransferEnding(code: TransferEnding.Code(code), isSent: isSent, head: head, body: body)
    ending.text = errorText.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
    ending.excess = excess
    ending.verification = opsh_curl_long(easy, CURLINFO_SSL_VERIFYRESULT)
    ending.systemError = Int32(truncatingIfNeeded: opsh_curl_long(easy, CURLINFO_OS_ERRNO))
    ending.isNameKnown = opsh_curl_size(easy, CURLINFO_NAMELOOKUP_TIME_T) > 0
    ending.isConnected = isConnected
    return ending
  }

  /// What it came to when curl was not to end it.
  func ending(_ code: TransferEnding.Code, fault: Int32 = 0) -> TransferEnding {
    var ending = TransferEnding(code: code, isSent: isSent, head: head, body: Data())
    ending.systemError = fault
    return ending
  }
}

extension Hop {
  /// Headers that libcurl would add by itself.
  fileprivate var absentHeaders: [String] {
    let given = Set(headers.map { $0.name.lowercased() })
    return ["Expect:"] + (given.contains("content-type") ? [] : ["Content-Type:"])
  }
}

extension Substring {
  /// The text with `%XX` read.
  fileprivate var unescaped: String {
    var bytes: [UInt8] = []
    var rest = self
    while let first = rest.utf8.first {
      rest = rest.dropFirst()
      if first == UInt8(ascii: "%"), rest.utf8.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) {
        bytes.append(byte)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(first)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
