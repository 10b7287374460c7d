import PrimitiveKit

/// One exchange with one server: what a request is while it follows redirects.
struct Hop: Sendable {
  let method: HTTPRequest.Method
  let address: HTTPAddress
  var headers: [HTTPHeader]
  let body: [UInt8]?
  var timeout: Duration
  let limit: Int
  let authorities: String?
  var agent = "opsh"

  init(_ request: HTTPRequest, to address: HTTPAddress) {
    method = request.method
    self.address = address
    headers = request.headers
    body = request.body
    timeout = request.timeout
    limit = request.limit
    authorities = request.authorities
  }

  /// How long a connection may take.
  var patience: Duration { min(timeout, .seconds(10)) }
}

/// Where redirects have led so far.
struct RedirectTrail: Sendable {
  private let request: HTTPRequest
  private(set) var hop: Hop
  private var count = 0

  init(_ request: HTTPRequest) {
    self.request = request
    hop = Hop(request, to: request.address)
  }

  /// The next exchange; nil where the answer is the last one.
  ///
  /// Throws for more redirects than allowed, and for one from TLS to plain text or to anything but HTTP.
  func next(after head: ResponseHead) throws(HTTPProblem) -> RedirectTrail? {
    guard request.method.isRead, request.redirects > 0, [301, 302, 303, 307, 308].contains(head.status),
      let location = head.fields["location"]
    else { return nil }
    guard count < request.redirects else {
      throw problem("answered with more than \(request.redirects.counted("redirect"))")
    }
    var address: HTTPAddress
    do throws(ConversionError) {
      address = try HTTPAddress(hop.address.resolving(location))
    } catch {
      throw problem("redirects to what is no address of HTTP")
    }
    guard address.scheme == "https" || hop.address.scheme == "http" else {
      throw problem("redirects from https to plain http, to \(request.shown(address))")
    }
    var trail = self
    trail.count += 1
    let isHome = address.origin == request.address.origin
    if isHome { address.credentials = address.credentials ?? request.address.credentials }
    trail.hop = Hop(request, to: address)
    // What was meant for one server alone is not given to another.
    if !isHome { trail.hop.headers.removeAll { !$0.isHarmless } }
    return trail
  }

  private func problem(_ what: String) -> HTTPProblem {
    HTTPProblem(.redirect, "\(request.line): \(hop.address.endpoint) \(what)", hint: "ask the address it leads to")
  }
}

extension HTTPAddress {
  /// What a reference of an answer of this address means (RFC 3986, 5.2).
  func resolving(_ reference: String) -> String {
    let start = reference.prefix { $0 != "/" && $0 != "?" }
    if start.contains(":") { return reference }
    if reference.hasPrefix("//") { return "\(scheme):\(reference)" }
    let origin = "\(scheme)://\(endpoint)"
    if reference.hasPrefix("/") { return origin + reference }
    if reference.hasPrefix("?") { return origin + path + reference }
    // libcurl takes the dots away.
    return "\(origin)\(path[...(path.lastIndex(of: "/") ?? path.startIndex)])\(reference)"
  }
}
