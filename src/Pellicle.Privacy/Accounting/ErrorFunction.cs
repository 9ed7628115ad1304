namespace Pellicle.Privacy.Accounting;

/// <summary>The complementary error function by the rational approximations of fdlibm, within one unit in the last place.</summary>
/// <remarks>Coefficients of s_erf.c, "Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun
/// Microsystems, Inc. business. Permission to use, copy, modify, and distribute this software is freely granted, provided that this
/// notice is preserved." The tail form also yields the logarithm, which a library erfc does not.</remarks>
internal static class ErrorFunction
{
    /// <summary>erfc(x) for any x; NaN gives NaN.</summary>
    public static double Erfc(double x)
    {
        double a = Math.Abs(x);
        if (a < 0.84375)
        {
            if (a < 1.3877787807814457e-17)
            {
                return 1 - x;
            }

            double z = x * x;
            double r = 1.28379167095512558561e-01 + z * (-3.25042107247001499370e-01 + z * (-2.84817495755985104766e-02 + z * (-5.77027029648944159157e-03 + z * -2.37630166566501626084e-05)));
            double s = 1 + z * (3.97917223959155352819e-01 + z * (6.50222499887672944485e-02 + z * (5.08130628187576562776e-03 + z * (1.32494738004321644526e-04 + z * -3.96022827877536812320e-06))));
            double y = r / s;
            return x < 0.25 ? 1 - (x + x * y) : 0.5 - (x - 0.5 + x * y);
        }

        if (a < 1.25)
        {
            double s = a - 1;
            double p = -2.36211856075265944077e-03 + s * (4.14856118683748331666e-01 + s * (-3.72207876035701323847e-01 + s * (3.18346619901161753674e-01 + s * (-1.10894694282396677476e-01 + s * (3.54783043256182359371e-02 + s * -2.16637559486879084300e-03)))));
            double q = 1 + s * (1.06420880400844228286e-01 + s * (5.40397917702171048937e-01 + s * (7.18286544141962662868e-02 + s * (1.26171219808761642112e-01 + s * (1.36370839120290507362e-02 + s * 1.19844998467991074170e-02)))));
            const double Erx = 8.45062911510467529297e-01;
            return x >= 0 ? 1 - Erx - p / q : 1 + (Erx + p / q);
        }

        if (a < 28)
        {
            if (x < -6)
            {
                return 2;
            }

            double tail = Tail(a, out double z);
            double r = Math.Exp(-z * z - 0.5625) * Math.Exp((z - a) * (z + a) + tail) / a;
            return x > 0 ? r : 2 - r;
        }

        return double.IsNaN(x) ? double.NaN : x > 0 ? 0 : 2;
    }

    /// <summary>ln erfc(x) for 1.25 &lt;= x &lt; 28.</summary>
    public static double LogErfcTail(double x)
    {
        double tail = Tail(x, out double z);
        return -z * z - 0.5625 + ((z - x) * (z + x) + tail) - Math.Log(x);
    }

    /// <summary>R/S of s_erf.c, and x with its low 32 bits cleared so that z·z is exact.</summary>
    private static double Tail(double a, out double z)
    {
        double s = 1 / (a * a);
        double p;
        double q;
        if (a < 1 / 0.35)
        {
            p = -9.86494403484714822705e-03 + s * (-6.93858572707181764372e-01 + s * (-1.05586262253232909814e+01 + s * (-6.23753324503260060396e+01 + s * (-1.62396669462573470355e+02 + s * (-1.84605092906711035994e+02 + s * (-8.12874355063065934246e+01 + s * -9.81432934416914548592e+00))))));
            q = 1 + s * (1.96512716674392571292e+01 + s * (1.37657754143519042600e+02 + s * (4.34565877475229228821e+02 + s * (6.45387271733267880336e+02 + s * (4.29008140027567833386e+02 + s * (1.08635005541779435134e+02 + s * (6.57024977031928170135e+00 + s * -6.04244152148580987438e-02)))))));
        }
        else
        {
            p = -9.86494292470009928597e-03 + s * (-7.99283237680523006574e-01 + s * (-1.77579549177547519889e+01 + s * (-1.60636384855821916062e+02 + s * (-6.37566443368389627722e+02 + s * (-1.02509513161107724954e+03 + s * -4.83519191608651397019e+02)))));
            q = 1 + s * (3.03380607434824582924e+01 + s * (3.25792512996573918826e+02 + s * (1.53672958608443695994e+03 + s * (3.19985821950859553908e+03 + s * (2.55305040643316442583e+03 + s * (4.74528541206955367215e+02 + s * -2.24409524465858183362e+01))))));
        }

        z = BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(a) & 0xFFFFFFFF00000000UL);
        return p / q;
    }
}
