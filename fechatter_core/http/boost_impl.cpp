// Asio and Beast are compiled here and nowhere else (see cmake/options.cmake).
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
