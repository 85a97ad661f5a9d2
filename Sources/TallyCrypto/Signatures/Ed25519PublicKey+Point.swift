// Whether 32 bytes can be anybody's key: a point of the curve, written in the one way, under which
// no signature fits every message.

internal import COpenSSL

extension Ed25519PublicKey {
    /// y of the points whose order divides 8, without their signs.
    private static let smallOrders: Set<[UInt8]> = [
        [UInt8](repeating: 0, count: 32),
        [1] + [UInt8](repeating: 0, count: 31),
        [0xec] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
        Hex.decode("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05") ?? [],
        Hex.decode("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a") ?? [],
    ]

    /// Whether it is a point of edwards25519 (RFC 8032, section 5.1.3), in the canonical form and
    /// of no small order.
    ///
    /// - Complexity: about 0.05 ms.
    package var isPoint: Bool {
        var y = bytes
        y[31] &= 0x7f
        return !Self.smallOrders.contains(y) && Self.isOnCurve(y)
    }

    /// Whether (y² − 1) / (dy² + 1) is a square: its product with the square of the denominator is,
    /// which Euler's criterion tells.
    private static func isOnCurve(_ bytes: [UInt8]) -> Bool {
        guard let context = BN_CTX_new() else { return false }
        defer { BN_CTX_free(context) }
        BN_CTX_start(context)
        defer { BN_CTX_end(context) }
        let numbers = (0..<6).map { _ in BN_CTX_get(context) }
        guard let p = numbers[0], let d = numbers[1], let y = numbers[2], let u = numbers[3],
            let v = numbers[4], let e = numbers[5],
            BN_set_word(p, 1) == 1, BN_lshift(p, p, 255) == 1, BN_sub_word(p, 19) == 1,
            curve(d), BN_lebin2bn(bytes, Int32(bytes.count), y) != nil, BN_cmp(y, p) < 0,
            BN_mod_sqr(y, y, p, context) == 1,
            BN_mod_mul(v, d, y, p, context) == 1, BN_add_word(v, 1) == 1,
            BN_copy(u, y) != nil, BN_add(u, u, p) == 1, BN_sub_word(u, 1) == 1,
            BN_mod_mul(u, u, v, p, context) == 1,
            BN_rshift1(e, p) == 1, BN_mod_exp(v, u, e, p, context) == 1
        else { return false }
        return BN_is_one(v) == 1
    }

    /// d of the curve, −121665 / 121666.
    private static func curve(_ d: OpaquePointer) -> Bool {
        var number: OpaquePointer? = d
        let text = "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3"
        return BN_hex2bn(&number, text) == 64
    }
}
