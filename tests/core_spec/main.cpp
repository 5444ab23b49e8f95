#define BOOST_TEST_MODULE core_spec
#include <boost/test/unit_test.hpp>
